/** Inputs of a request: so many, and then a good end or a failure. Counts what is done to it. */
export class InputSource implements AsyncIterableIterator<number> {
  readonly items: number;
  readonly fails: boolean;
  pulled = 0;
  returned = 0;

  constructor(items: number, fails: boolean) {
    this.items = items;
    this.fails = fails;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<number>> {
    this.pulled += 1;
    if (this.pulled <= this.items) return Promise.resolve({ done: false, value: this.pulled });
    if (this.fails) return Promise.reject(new Error("the inputs failed"));
    return Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<number>> {
    this.returned += 1;
    return Promise.resolve({ done: true, value: undefined });
  }
}
