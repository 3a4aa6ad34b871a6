interface Held<Value> {
  readonly value: Value;
  /** Of the frame that it came in. */
  readonly bytes: number;
}

/** What has been received and waits, in order; bounded by number and by bytes. A single one may have any size. */
export class HeldQueue<Value> {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #held: Held<Value>[] = [];
  #bytes = 0;

  constructor(maxCount: number, maxBytes: number) {
    this.#maxCount = maxCount;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#held.length;
  }

  /** More waits than may: one of them has to go. */
  get isOver(): boolean {
    return this.#held.length > this.#maxCount || (this.#bytes > this.#maxBytes && this.#held.length > 1);
  }

  push(value: Value, bytes: number): void {
    this.#held.push({ value, bytes });
    this.#bytes += bytes;
  }

  /** Takes the oldest. */
  shift(): Held<Value> | undefined {
    return this.#taken(this.#held.shift());
  }

  /** Takes the newest. */
  pop(): Held<Value> | undefined {
    return this.#taken(this.#held.pop());
  }

  takeAll(): Held<Value>[] {
    const held = this.#held;
    this.#held = [];
    this.#bytes = 0;
    return held;
  }

  #taken(held: Held<Value> | undefined): Held<Value> | undefined {
    this.#bytes -= held?.bytes ?? 0;
    return held;
  }
}
