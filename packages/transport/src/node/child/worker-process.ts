import type { Readable, Writable } from "node:stream";

/** A running child, by the few things that this package uses of it. An object of `node:child_process` fits as well. */
export interface WorkerProcess {
  readonly pid?: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  kill(signal: NodeJS.Signals): boolean;
  ref?(): void;
  unref?(): void;
  once(event: "exit", listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  off(event: "exit", listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
}

export interface StartedWorker {
  readonly child: WorkerProcess;
  /** The pipe for answers, where the worker is offered one. */
  readonly answers: Readable | undefined;
  /** Signals the worker and what it has started. */
  readonly kill: (signal: NodeJS.Signals) => void;
}
