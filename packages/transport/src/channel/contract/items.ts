/** Anything that can be iterated, now or later. */
export type AnyIterable<Item = unknown> = AsyncIterable<Item> | Iterable<Item>;
export type AnyIterator = AsyncIterator<unknown, unknown> | Iterator<unknown, unknown>;

/** Where the items of a stream go. */
export interface StreamSink {
  readonly isFull: boolean;
  /** Sends items as one message, and returns its size. Throws when they can't be encoded or are too large. */
  send(items: readonly unknown[]): number;
  flushed(): Promise<void>;
  atTurnEnd(callback: () => void): void;
}

/** Throws a `TypeError` for what can't be iterated. */
export function iteratorOf(source: AnyIterable): AnyIterator {
  // A string can be iterated too, and is no object.
  return typeof source === "object" && Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}
