import { ChannelError } from "../errors.js";

/** How a worker ended that had requests in flight. */
export interface Death {
  readonly cause: ChannelError;
  readonly inFlight: number;
}

/** Tells of a request's failure whether it is that of its worker. */
export class Deaths {
  readonly #byCause = new WeakMap<ChannelError, Death>();

  add(cause: ChannelError, inFlight: number): void {
    this.#byCause.set(cause, { cause, inFlight });
  }

  /** The death that is behind it; `undefined` where none is. */
  behind(failure: unknown): Death | undefined {
    return failure instanceof ChannelError ? this.#byCause.get(failure.cause as ChannelError) : undefined;
  }
}
