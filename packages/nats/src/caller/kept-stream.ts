import type { Aside, Asides } from "./asides.js";
import type { Directory } from "./directory.js";

type Step = IteratorResult<unknown, unknown>;
export type Items = AsyncIterableIterator<unknown, unknown, undefined>;

interface Opened {
  readonly aside: Aside | undefined;
  readonly items: Items;
}

/** A stream whose request is made when its first item is asked for, with what goes beside it. */
export class KeptStream implements Items {
  readonly #asides: Asides;
  readonly #directory: () => Directory | undefined;
  readonly #open: () => Opened;
  #opened: Opened | undefined;

  constructor(asides: Asides, directory: () => Directory | undefined, open: () => Opened) {
    this.#asides = asides;
    this.#directory = directory;
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // Async: options that are wrong reject.
  async next(): Promise<Step> {
    const opened = (this.#opened ??= this.#open());
    if (opened.aside?.key !== undefined) await this.#directory()?.ready();
    return this.#asides.during(opened.aside, () => opened.items.next());
  }

  async return(value?: unknown): Promise<Step> {
    return (await this.#opened?.items.return?.(value)) ?? { done: true, value };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
