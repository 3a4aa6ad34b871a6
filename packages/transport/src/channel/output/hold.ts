import type { Link } from "../../link/contract.js";

/** Requests that can be in flight. */
interface Flight {
  readonly inFlight: number;
  watchBusy(onBusy: ((isBusy: boolean) => void) | undefined): void;
}

/** Whether a channel keeps the process alive: as long as it is open, or only while a request waits for its answer. */
export class Hold {
  readonly #parts: { readonly link: Link };
  readonly #flight: Flight;
  #isUnref = false;

  /** @param parts whose link may be another one later */
  constructor(parts: { readonly link: Link }, flight: Flight) {
    this.#parts = parts;
    this.#flight = flight;
  }

  unref(): void {
    this.#isUnref = true;
    this.#flight.watchBusy((isBusy) => {
      if (isBusy) this.#parts.link.ref?.();
      else this.#parts.link.unref?.();
    });
    this.attached();
  }

  ref(): void {
    this.#isUnref = false;
    this.#flight.watchBusy(undefined);
    this.#parts.link.ref?.();
  }

  /** The link has come. */
  attached(): void {
    if (this.#isUnref && this.#flight.inFlight === 0) this.#parts.link.unref?.();
  }
}
