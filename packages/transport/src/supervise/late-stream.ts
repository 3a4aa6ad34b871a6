type Step = IteratorResult<unknown, unknown>;
export type Items = AsyncIterableIterator<unknown, unknown, undefined>;

/** A stream of whichever worker runs when its first item is asked for. */
export class LateStream implements Items {
  readonly #open: () => Items;
  #items: Items | undefined;

  constructor(open: () => Items) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return this.#opened().next();
  }

  async return(value?: unknown): Promise<Step> {
    return (await this.#opened().return?.(value)) ?? { done: true, value };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #opened(): Items {
    this.#items ??= this.#open();
    return this.#items;
  }
}
