import { quiet, rejected } from "../channel/contract/outcome.js";

type Step = IteratorResult<unknown, unknown>;
export type Items = AsyncIterableIterator<unknown, unknown, undefined>;

/** A stream of whichever worker runs when its first item is asked for. */
export class LateStream implements Items {
  readonly #open: () => Items;
  #items: Items | undefined;
  #isLeft = false;

  /** @param open throws what the stream fails with */
  constructor(open: () => Items) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.#isLeft) return Promise.resolve({ done: true, value: undefined });
    try {
      this.#items ??= this.#open();
      return this.#items.next();
    } catch (error) {
      this.#isLeft = true;
      return quiet(rejected(error));
    }
  }

  async return(value?: unknown): Promise<Step> {
    if (this.#items === undefined) this.#isLeft = true;
    return (await this.#items?.return?.(value)) ?? { done: true, value };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
