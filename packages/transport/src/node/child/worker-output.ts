import type { Readable } from "node:stream";
import { LineSplitter } from "../streams/line-splitter.js";

/** To whom the output of a worker is handed. */
export interface OutputReceiver {
  /** A chunk of messages. */
  readonly data: (chunk: Buffer) => void;
  /** A line that was printed beside the messages. */
  noise(line: string): void;
  /** Where messages come from has ended. */
  ended(): void;
}

/**
 * What a worker says: on its stdout, or on the pipe for answers that it was offered. Its first byte there says that it
 * takes the pipe; from then on whatever comes by stdout is noise. A worker that ignores the offer is heard on stdout.
 */
export class WorkerOutput {
  readonly #stdout: Readable;
  readonly #answers: Readable | undefined;
  readonly #receiver: OutputReceiver;
  readonly #noise: LineSplitter;
  /** What came first by stdout, until the end of that turn; `undefined` afterwards. */
  #early: Buffer[] | undefined = [];
  #isTaken = false;
  /** Who gets what comes by stdout. */
  #onStdout: ((chunk: Buffer) => void) | undefined;

  constructor(stdout: Readable, answers: Readable | undefined, receiver: OutputReceiver) {
    this.#stdout = stdout;
    this.#answers = answers;
    this.#receiver = receiver;
    this.#noise = new LineSplitter((line) => {
      if (line !== "") receiver.noise(line);
    });
  }

  /** Nothing is left to be read. */
  get hasEnded(): boolean {
    return this.#stdout.readableEnded && this.#answers?.readableEnded !== false;
  }

  get streams(): Readable[] {
    return this.#answers === undefined ? [this.#stdout] : [this.#stdout, this.#answers];
  }

  start(): void {
    this.#hearStdout(this.#answers === undefined ? this.#receiver.data : this.#onEarly);
    // Errors of the pipes come with the end of the process; without a listener they would end ours.
    this.#stdout.on("end", this.#onStdoutEnd).on("close", this.#onStdoutEnd);
    this.#stdout.on("error", this.#onStdoutEnd);
    this.#answers?.on("data", this.#onTaken).on("end", this.#onAnswersEnd).on("close", this.#onAnswersEnd);
    this.#answers?.on("error", this.#onAnswersEnd);
  }

  /** Hands on what came by stdout and might have been noise: nothing that came by the other pipe says so. */
  readonly settle = (): void => {
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined || this.#answers === undefined) return;
    this.#hearStdout(this.#receiver.data);
    for (const chunk of early) this.#receiver.data(chunk);
  };

  /** Stops listening, but for errors. */
  release(): void {
    this.#hearStdout(undefined);
    this.#stdout.off("end", this.#onStdoutEnd).off("close", this.#onStdoutEnd);
    this.#answers?.off("data", this.#onTaken).off("data", this.#receiver.data);
    this.#answers?.off("end", this.#onAnswersEnd).off("close", this.#onAnswersEnd);
    this.#noise.end();
  }

  #hearStdout(listener: ((chunk: Buffer) => void) | undefined): void {
    if (this.#onStdout !== undefined) this.#stdout.off("data", this.#onStdout);
    if (listener !== undefined) this.#stdout.on("data", listener);
    this.#onStdout = listener;
  }

  /**
   * A worker that takes the pipe says so before it can print. Both may arrive in one turn, in any order: so what comes
   * first by stdout waits until everything that has arrived in this turn is read.
   */
  readonly #onEarly = (chunk: Buffer): void => {
    if (this.#early?.length === 0) setImmediate(this.settle);
    this.#early?.push(chunk);
  };

  readonly #onTaken = (chunk: Buffer): void => {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#isTaken = true;
    this.#hearStdout(this.#onPrint);
    this.#answers?.off("data", this.#onTaken).on("data", this.#receiver.data);
    for (const print of early) this.#onPrint(print);
    if (chunk.length > 1) this.#receiver.data(chunk.subarray(1));
  };

  readonly #onPrint = (chunk: Buffer): void => {
    this.#noise.push(chunk);
  };

  readonly #onStdoutEnd = (): void => {
    if (!this.#isTaken) this.#receiver.ended();
  };

  readonly #onAnswersEnd = (): void => {
    if (this.#isTaken) this.#receiver.ended();
  };
}
