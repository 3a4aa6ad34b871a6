import { quiet } from "../contract/outcome.js";
import { iteratorOf, type AnyIterable, type AnyIterator } from "../contract/items.js";

type Step = IteratorResult<unknown, unknown>;

/**
 * A stream whose items come from interceptors. Nothing happens before the first item is asked for, and its end is
 * known, for tracing. Not a generator: `return()` must not wait behind a `next()` that waits for an item.
 */
export class InterceptedStream implements AsyncIterableIterator<unknown, unknown, undefined> {
  /** Settles as the stream ends: with its result, with what it failed with, with nothing when it was left. */
  readonly ended: Promise<unknown>;
  readonly #open: () => Promise<unknown>;
  readonly #onStart: () => void;
  #items: Promise<AnyIterator> | undefined;
  #isOver = false;
  #resolveEnded: (result: unknown) => void = () => undefined;
  #rejectEnded: (reason: unknown) => void = () => undefined;

  constructor(open: () => Promise<unknown>, onStart: () => void) {
    this.#open = open;
    this.#onStart = onStart;
    this.ended = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    this.ended.catch(() => undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return quiet(this.#next());
  }

  async #next(): Promise<Step> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const items = await (this.#items ??= this.#start());
      const step = await items.next();
      if (step.done === true) this.#finish(step.value);
      return step;
    } catch (error) {
      this.#isOver = true;
      this.#rejectEnded(error);
      throw error;
    }
  }

  /** What `break` calls. Interceptors hear of it in the `finally` of their generators. */
  async return(value?: unknown): Promise<Step> {
    const items = this.#isOver ? undefined : this.#items;
    this.#finish(undefined);
    try {
      await (await items)?.return?.();
    } catch (error) {
      // A stream that could not be opened has told so to whoever asked for an item.
      if (await isOpen(items)) throw error;
    }
    return { done: true, value };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #start(): Promise<AnyIterator> {
    this.#onStart();
    return iteratorOf((await this.#open()) as AnyIterable);
  }

  #finish(result: unknown): void {
    this.#isOver = true;
    this.#resolveEnded(result);
  }
}

function isOpen(items: Promise<AnyIterator> | undefined): Promise<boolean> {
  return Promise.resolve(items).then(
    () => true,
    () => false,
  );
}
