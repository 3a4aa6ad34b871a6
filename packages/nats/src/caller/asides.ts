/** What goes with a message beside it; said in headers, or by the choice of the subject. */
export interface Aside {
  /** Every member, and not one of them. */
  readonly toAll?: boolean;
  /** The same member for the same key. */
  readonly key?: string | undefined;
  readonly priority?: number | undefined;
  /** Milliseconds; 0 for none. */
  readonly timeout?: number;
  /** When it is over, in milliseconds since 1970; 0 for never. */
  readonly deadline?: number;
  readonly wantsProgress?: boolean;
  readonly isIdempotent?: boolean;
}

/**
 * The protocol is told a method and params, and no more. A call is encoded in the moment in which it is made, so what
 * goes with it is laid down here for that moment.
 */
export class Asides {
  #current: Aside | undefined;

  get current(): Aside | undefined {
    return this.#current;
  }

  /** Code of the user's runs inside, such as a getter, and may make calls of its own: each has its own aside. */
  during<Result>(aside: Aside | undefined, call: () => Result): Result {
    const before = this.#current;
    this.#current = aside;
    try {
      return call();
    } finally {
      this.#current = before;
    }
  }
}
