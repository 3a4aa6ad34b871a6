import type { RequestId } from "../../protocol/contract.js";

/** Node's timers can let the process go; the web's are numbers. */
type Timer = Partial<Record<"unref", () => void>> | undefined;

interface Cancelled {
  readonly method: string;
  /** On the clock of `performance.now()`. */
  readonly due: number;
}

/**
 * Requests that this side does not wait for any more, and that the other side has not answered: their work may go on. An
 * answer, whatever it says, is the other side's word that it has stopped.
 */
export class Unstopped {
  readonly #afterMs: number;
  readonly #onOverdue: (method: string) => void;
  /** In the order in which they are due, since all of them have the same time. */
  readonly #cancelled = new Map<RequestId, Cancelled>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onOverdue is told the method of one that has not been answered so many milliseconds later */
  constructor(afterMs: number, onOverdue: (method: string) => void) {
    this.#afterMs = afterMs;
    this.#onOverdue = onOverdue;
  }

  add(id: number, method: string): void {
    this.#cancelled.set(id, { method, due: performance.now() + this.#afterMs });
    if (this.#timer === undefined) this.#arm(this.#afterMs, this.#look);
  }

  /** An answer has come. */
  stopped(id: RequestId): void {
    this.#cancelled.delete(id);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#cancelled.clear();
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const [first] = this.#cancelled.values();
    if (first === undefined) return;
    const left = first.due - performance.now();
    if (left > 0) this.#arm(left, this.#look);
    // Timers run before input is read: what has arrived meanwhile is to be heard first.
    else this.#arm(0, this.#judge);
  };

  readonly #judge = (): void => {
    this.#timer = undefined;
    const [first] = this.#cancelled.values();
    if (first !== undefined && first.due <= performance.now()) this.#onOverdue(first.method);
    else this.#look();
  };

  #arm(milliseconds: number, callback: () => void): void {
    this.#timer = setTimeout(callback, Math.ceil(milliseconds));
    (this.#timer as Timer)?.unref?.();
  }
}
