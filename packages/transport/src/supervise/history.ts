import { ChannelError, type PastExit } from "../errors.js";

/** So many of the last exits are told. */
const MAX_EXITS = 20;

/** How the last workers ended, the oldest first. */
export class History {
  #exits: readonly PastExit[] = [];

  get exits(): readonly PastExit[] {
    return this.#exits;
  }

  add({ code, message, exitCode, signal }: ChannelError): void {
    const exit = { at: Date.now(), code, message, exitCode, signal };
    this.#exits = [...this.#exits.slice(1 - MAX_EXITS), exit];
  }

  /** What ends a channel whose budget is used up. */
  exhausted(cause: ChannelError, maxRestarts: number, withinMs: number): ChannelError {
    const { exitCode, signal, stderr } = cause;
    const budget = `${maxRestarts} ${maxRestarts === 1 ? "restart" : "restarts"} within ${withinMs} ms`;
    const message = `The worker keeps ending, and its budget of ${budget} is used up. The last time: ${cause.message}`;
    return new ChannelError("RESTARTS_EXHAUSTED", message, { cause, exitCode, signal, stderr, history: this.#exits });
  }
}
