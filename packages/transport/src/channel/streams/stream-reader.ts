import { ChannelError } from "../../errors.js";
import { quiet } from "../contract/outcome.js";

/** What a reader asks of the other side. */
export interface StreamSource {
  /** Called once, when the first item is asked for. */
  start(): void;
  /** The other side sends without being asked; what waits to be read is bounded by its bytes alone. */
  readonly isUnasked?: boolean;
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

/** A message of items, and its size. */
interface Arrived<Item> {
  readonly items: readonly Item[];
  readonly bytes: number;
}

/** So many items are asked for while nothing is known of their size. As many always fit. */
const FIRST_CREDIT = 4;
/** By how much the credit grows with each message of small items. */
const GROWTH = 4;
/** The credit times the size of the last items stays below this. */
const CREDIT_BYTES = 4 * 1024 * 1024;
/** However large the items are: so that the next one is on its way while one is read. */
const LEAST_CREDIT = 2;

/** The credit with which a stream begins. */
export function firstCredit(window: number): number {
  return Math.min(window, FIRST_CREDIT);
}

/**
 * Items that arrive from the other side, as an async iterator. The reader's pace holds the writer back: at most `window`
 * items are under way or waiting here, and fewer when they are large. Leaving the loop early cancels.
 */
export class StreamReader<Item> implements AsyncIterableIterator<Item, unknown, undefined> {
  readonly #source: StreamSource;
  readonly #maxWindow: number;
  readonly #maxBytes: number;
  #window: number;
  /** The message that is being read, and the next item in it. */
  #reading: Arrived<Item> = { items: [], bytes: 0 };
  #head = 0;
  #later: Arrived<Item>[] = [];
  #unread = 0;
  #unreadBytes = 0;
  #granted = 0;
  #readings: Reading<Item>[] = [];
  #isStarted = false;
  #end: End | undefined;

  /**
   * @param window the most items that may be under way or waiting
   * @param maxBytes the most bytes of messages that may wait
   */
  constructor(window: number, maxBytes: number, source: StreamSource) {
    this.#maxWindow = window;
    this.#maxBytes = maxBytes;
    this.#window = firstCredit(window);
    this.#source = source;
    if (source.isUnasked === true) this.#granted = Infinity;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item, unknown>> {
    this.#start();
    if (this.#unread > 0) return Promise.resolve({ done: false, value: this.#shift() });
    if (this.#end !== undefined) return quiet(this.#takeEnd(this.#end));
    return quiet(new Promise((resolve, reject) => this.#readings.push({ resolve, reject })));
  }

  /** What `break` calls. */
  return(value?: unknown): Promise<IteratorResult<Item, unknown>> {
    if (this.#end === undefined) {
      this.#finish({ result: undefined });
      if (this.#isStarted) this.#source.cancel();
      this.#isStarted = true;
    }
    this.#reading = { items: [], bytes: 0 };
    this.#later = [];
    this.#unread = 0;
    this.#unreadBytes = 0;
    return Promise.resolve({ done: true, value });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.return().then(() => undefined);
  }

  /**
   * Items arrived. Throws `MESSAGE_MALFORMED` when there are more than were asked for, `OVERLOADED` when more wait than
   * may.
   */
  push(items: readonly Item[], bytes: number): void {
    if (this.#end !== undefined || items.length === 0) return;
    this.#granted -= items.length;
    if (this.#granted < 0)
      throw new ChannelError("MESSAGE_MALFORMED", "The other side sent more items than it was asked for.");
    this.#adapt(bytes / items.length);
    let at = 0;
    while (at < items.length && this.#readings.length > 0) {
      this.#readings.shift()?.resolve({ done: false, value: items[at] as Item });
      at += 1;
    }
    if (at === items.length) this.#refill();
    else this.#keep(items, at, bytes);
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
    this.#granted += this.#window;
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
    const item = this.#reading.items[this.#head] as Item;
    this.#head += 1;
    this.#unread -= 1;
    if (this.#head === this.#reading.items.length) this.#readNext();
    this.#refill();
    return item;
  }

  #readNext(): void {
    this.#unreadBytes -= this.#reading.bytes;
    this.#reading = this.#later.shift() ?? { items: [], bytes: 0 };
    this.#head = 0;
  }

  /** A message counts as a whole until the last of its items is read. */
  #keep(items: readonly Item[], from: number, bytes: number): void {
    const unread = this.#unread + items.length - from;
    if (this.#unreadBytes + bytes > this.#maxBytes && unread > FIRST_CREDIT) throw unreadError(this.#maxBytes);
    if (this.#unread > 0) {
      this.#later.push({ items, bytes });
    } else {
      this.#reading = { items, bytes };
      this.#head = from;
    }
    this.#unread = unread;
    this.#unreadBytes += bytes;
  }

  /** The larger the last items were, the fewer are asked for. */
  #adapt(itemBytes: number): void {
    const fitting = Math.max(Math.floor(CREDIT_BYTES / itemBytes), LEAST_CREDIT);
    this.#window = Math.min(fitting, this.#window * GROWTH, this.#maxWindow);
  }

  /** Asks for more when half of the window is used up: fewer messages than one per item, and no standstill. */
  #refill(): void {
    const wanted = this.#window - this.#granted - this.#unread;
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

function unreadError(maxBytes: number): ChannelError {
  const advice = "Read faster, send smaller items, or raise the limit.";
  return new ChannelError(
    "OVERLOADED",
    `The items of a stream that wait to be read are more than limits.maxHeldBytes (${maxBytes}). ${advice}`,
  );
}
