import { ChannelError } from "../errors.js";

/** What a reader asks of the other side. */
export interface StreamSource {
  /** Called once, when the first item is asked for. */
  start(): void;
  /** Allows the other side to send so many items more. */
  pull(count: number): void;
  /** Nobody reads any more; the other side should stop. Not called after the stream has ended. */
  cancel(): void;
}

interface Reading<Item> {
  readonly resolve: (step: IteratorResult<Item, unknown>) => void;
  readonly reject: (reason: unknown) => void;
}

type End = { readonly result: unknown } | { readonly reason: unknown };

/**
 * Items that arrive from the other side, as an async iterator. At most `window` items are under way or waiting here:
 * the reader's pace holds the writer back. Leaving the loop early cancels.
 */
export class StreamReader<Item> implements AsyncIterableIterator<Item, unknown, undefined> {
  readonly #source: StreamSource;
  readonly #window: number;
  #items: Item[] = [];
  /** Index of the next item; the array is cut when it has been read, not for each item. */
  #head = 0;
  #granted = 0;
  #readings: Reading<Item>[] = [];
  #isStarted = false;
  #end: End | undefined;

  constructor(window: number, source: StreamSource) {
    this.#window = window;
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item, unknown>> {
    this.#start();
    if (this.#head < this.#items.length) return Promise.resolve({ done: false, value: this.#shift() });
    if (this.#end !== undefined) return this.#takeEnd(this.#end);
    return new Promise((resolve, reject) => this.#readings.push({ resolve, reject }));
  }

  /** What `break` calls. */
  return(value?: unknown): Promise<IteratorResult<Item, unknown>> {
    if (this.#end === undefined) {
      this.#finish({ result: undefined });
      if (this.#isStarted) this.#source.cancel();
      this.#isStarted = true;
    }
    this.#items = [];
    this.#head = 0;
    return Promise.resolve({ done: true, value });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.return().then(() => undefined);
  }

  /** Items arrived. Throws `MESSAGE_MALFORMED` when there are more than were asked for. */
  push(items: readonly Item[]): void {
    if (this.#end !== undefined) return;
    this.#granted -= items.length;
    if (this.#granted < 0)
      throw new ChannelError("MESSAGE_MALFORMED", "The other side sent more items than it was asked for.");
    let at = 0;
    while (at < items.length && this.#readings.length > 0) {
      this.#readings.shift()?.resolve({ done: false, value: items[at] as Item });
      at += 1;
    }
    if (at === items.length) this.#refill();
    for (; at < items.length; at++) this.#items.push(items[at] as Item);
  }

  /** The stream ended well; items that are waiting are still read. */
  end(result: unknown): void {
    this.#finish({ result });
  }

  /** The stream failed; items that are waiting are still read. */
  fail(reason: unknown): void {
    this.#finish({ reason });
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#granted = this.#window;
    this.#ask(() => {
      this.#source.start();
    });
  }

  /** What can't be asked for never comes: that is the end of the stream. */
  #ask(ask: () => void): void {
    try {
      ask();
    } catch (error) {
      this.#finish({ reason: error });
      this.#source.cancel();
    }
  }

  #shift(): Item {
    const item = this.#items[this.#head] as Item;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    }
    this.#refill();
    return item;
  }

  /** Asks for more when half of the window is used up: fewer messages than one per item, and no standstill. */
  #refill(): void {
    const wanted = this.#window - this.#granted - (this.#items.length - this.#head);
    if (this.#end !== undefined || wanted * 2 < this.#window) return;
    this.#granted += wanted;
    this.#ask(() => {
      this.#source.pull(wanted);
    });
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const reading of this.#readings.splice(0)) {
      if ("reason" in this.#end) reading.reject(this.#end.reason);
      else reading.resolve({ done: true, value: this.#end.result });
      this.#end = { result: undefined };
    }
  }

  /** The reason or the result is told once; after it the iterator is simply done. */
  async #takeEnd(end: End): Promise<IteratorResult<Item, unknown>> {
    this.#end = { result: undefined };
    if ("reason" in end) throw end.reason;
    return { done: true, value: end.result };
  }
}
