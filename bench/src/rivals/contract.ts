/** A rival: one way to call another process, behind the three calls that all of them can make. */

export interface Session {
  add(a: number, b: number): Promise<number>;
  echo(text: string): Promise<string>;
  sum(numbers: readonly number[]): Promise<number>;
  /** Ends the worker; resolves when it is gone. */
  close(): Promise<void>;
}

export type CallName = Exclude<keyof Session, "close">;

/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** How a rival must start its worker: the same command, placed on a CPU where that is asked for. */
export type Placed = (file: string, ...args: readonly string[]) => Command;

export interface Rival {
  /** For `--only` and the JSON file. */
  readonly id: string;
  /** The row's title. */
  readonly name: string;
  /** What stands on either side, in one line. */
  readonly what: string;
  /** The calls it can be measured with; all three when absent. */
  readonly calls?: readonly CallName[];
  /** True where a second call can't be made before the first is answered. */
  readonly oneAtATime?: boolean;
  /** For a rival that does not survive long: each lap gets a new session, and at most this many calls. */
  readonly callsPerSession?: number;
  start(placed: Placed): Promise<Session>;
}
