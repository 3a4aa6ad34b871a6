/** What the fault kit found out about clients: the words of docs/faults.json. */

/** How a promise went: settled in so many milliseconds, or not until the deadline. */
export interface Outcome {
  readonly how: "answered" | "rejected" | "hung";
  readonly milliseconds: number;
  /** Why it was rejected, shortly; or what is odd about the answer. */
  readonly note?: string;
}

/** One client with one fault. What it did not come to is absent. */
export interface Cell {
  readonly client: string;
  readonly fault: string;
  /** Where the worker could not be started: the start's rejection. */
  readonly request?: Outcome;
  /** The request after it. */
  readonly next?: Outcome;
  readonly close?: Outcome;
  readonly growthMiB?: number;
  /** How the client's process ended before it was done. */
  readonly died?: string;
  /** What nobody caught then. */
  readonly uncaught?: string;
  /** Processes that were there a second after the client's own had ended. */
  readonly left: number;
}

/** A client in use. */
export interface Session {
  /** The time is for a client that has timeouts. */
  request(timeoutMs: number): Promise<unknown>;
  close(): Promise<void>;
}

export interface Client {
  readonly id: string;
  readonly name: string;
  /** How it is used, in one sentence. */
  readonly how: string;
  /** The framings that it speaks; the first is used unless a fault needs another. */
  readonly framings: readonly ("line" | "content-length")[];
  /** Where only some faults make sense. */
  readonly faults?: readonly string[];
  /** `fault` is for a client that has no worker process. */
  start(command: string, args: readonly string[], framing: string, fault: string): Promise<Session>;
}

/** What a client is told as its own limit, where it has one. */
export const TIMEOUT_MS = 1_500;
/** When a promise counts as hung: later than the last step of an end that asks, sends SIGTERM and then SIGKILL, 2 s each. */
export const DEADLINE_MS = 5_000;
/** What a start and the first answer may take: they are not what is looked at. */
export const START_MS = 20_000;
/** A client's process is ended above that. */
export const MAX_MEMORY_MIB = 1_024;
