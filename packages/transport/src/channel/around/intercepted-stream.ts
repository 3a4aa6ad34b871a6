import type { Bound } from "./bounds.js";
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

  readonly #openBound: () => Bound;
  #bound: Bound | undefined;

  /** @param openBound gives the outer bounds of the stream as it begins */
  constructor(open: () => Promise<unknown>, onStart: () => void, openBound: () => Bound) {
    this.#open = open;
    this.#onStart = onStart;
    this.#openBound = openBound;
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
      this.#bound ??= this.#openBound();
      // Read here: what is wrong with a step of an interceptor's is a failure of the stream.
      const { done = false, value } = await Promise.race([this.#step(), this.#bound.failed]);
      if (!done) return { done: false, value };
      this.#finish(value);
      return { done: true, value };
    } catch (error) {
      this.#isOver = true;
      this.#bound?.release();
      this.#rejectEnded(error);
      throw error;
    }
  }

  async #step(): Promise<Step> {
    const items = await (this.#items ??= this.#start());
    return items.next();
  }

  /** What `break` calls. Interceptors hear of it in the `finally` of their generators. */
  async return(value?: unknown): Promise<Step> {
    const items = this.#isOver ? undefined : this.#items;
    const bound = this.#bound ?? this.#openBound();
    this.#isOver = true;
    this.#resolveEnded(undefined);
    try {
      await Promise.race([items?.then((opened) => opened.return?.()), bound.failed]);
    } catch (error) {
      // A stream that could not be opened has told so to whoever asked for an item.
      if (await isOpen(items)) throw error;
    } finally {
      bound.release();
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
    this.#bound?.release();
    this.#resolveEnded(result);
  }
}

/** False also while it is not open yet. */
function isOpen(items: Promise<AnyIterator> | undefined): Promise<boolean> {
  const opened = Promise.resolve(items).then(
    () => true,
    () => false,
  );
  return Promise.race([opened, Promise.resolve().then(() => Promise.resolve(false))]);
}
