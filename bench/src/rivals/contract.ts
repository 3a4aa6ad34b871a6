/** A rival: one way to have work done elsewhere, behind the few calls that the scenarios make. */

/** What travels in the payload scenarios. */
export type PayloadValue = string | Uint8Array | Float64Array;

/** What `echo` takes: a payload, or a document of members, lists, strings, numbers and nulls. */
export type EchoValue = PayloadValue | object;

/** `prime` is asked of a number, `sum` of 100,000 of them. */
export type Task = "fib" | "prime" | "sum";

export interface Work {
  readonly method: string;
  readonly params: object;
}

/** Each rival has the calls that its capabilities name. */
export interface Session {
  add?(a: number, b: number): Promise<number>;
  /** The value, there and back. */
  echo?<Value extends EchoValue>(value: Value): Promise<Value>;
  sum?(numbers: readonly number[] | Float64Array): Promise<number>;
  /** Sent one way; an `add` after it is answered when the worker has had it. */
  notify?(number: number): unknown;
  /** The first so many items of a stream. */
  items?(count: number): AsyncIterable<unknown>;
  /** A method of the worker by its name, on a pool. */
  work?(work: Work): Promise<unknown>;
  compute?(task: Task, input: number | Float64Array | readonly number[]): Promise<unknown>;
  /** Ends the worker; resolves when it is gone. */
  close(): Promise<void>;
}

export type CallName = Exclude<keyof Session, "close">;

/** What a rival can be measured with; `start` is for one that can only be started. */
export type Capability =
  | "add"
  | "text"
  | "document"
  | "bytes"
  | "typed"
  | "sum"
  | "sum-typed"
  | "notify"
  | "stream"
  | "start"
  | "work"
  | `compute-${Task}`;

/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** How a rival must start its worker: the same command, placed on a CPU where that is asked for. */
export interface Placement {
  command(file: string, ...args: readonly string[]): Command;
  /** For a worker that is a thread: its id, as the system knows it. */
  thread(id: number): void;
}

export interface Rival {
  /** For `--only` and the JSON file. */
  readonly id: string;
  /** The row's title. */
  readonly name: string;
  /** What stands on either side, in one line. */
  readonly what: string;
  readonly can: readonly Capability[];
  /** True where it differs from another rival in one option. */
  readonly isVariant?: boolean;
  /** True where a second call can't be made before the first is answered. */
  readonly oneAtATime?: boolean;
  /** Bytes of the largest payload that it carries, or carries in reasonable time. */
  readonly maxPayload?: number;
  /** For a rival that does not survive long: each lap gets a new session, and at most this many calls. */
  readonly callsPerSession?: number;
  start(placement: Placement): Promise<Session>;
}

/** A session that is known to have the call. */
export type Capable<Name extends CallName> = Session & Required<Pick<Session, Name>>;

export function assertCan<Name extends CallName>(session: Session, name: Name): asserts session is Capable<Name> {
  if (session[name] === undefined) throw new Error(`this rival has no ${name}`);
}
