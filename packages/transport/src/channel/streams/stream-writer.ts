import { ChannelError } from "../../errors.js";
import { pauseForOthers } from "../records/event-loop.js";
import { iteratorOf, type AnyIterable, type AnyIterator, type StreamSink } from "../contract/items.js";
import { watch } from "../contract/outcome.js";

/** A message of items is closed at about this size. */
const BATCH_BYTES = 64 * 1024;
const MAX_BATCH = 512;
/** The clock is read once for so many items, unless they take long: reading it costs about as much as an item. */
const MAX_UNTIMED = 16;
const LONG_MS = 0.5;

export type StreamOutcome = { readonly result: unknown } | { readonly failure: unknown };

/**
 * Sends what an iterable yields, as fast as the other side asks for it and the pipe takes it. What is yielded in one
 * turn of the event loop leaves as one message.
 */
export class StreamWriter {
  readonly #source: AnyIterator;
  readonly #sink: StreamSink;
  #credit = 0;
  #items: unknown[] = [];
  #batchSize = 16;
  #isFlushing = false;
  /** How many items are pumped from one look at the clock to the next, and how many of them are left. */
  #untimed = 1;
  #untimedLeft = 0;
  #lastLook = 0;
  #isStopped = false;
  #wake: (() => void) | undefined;
  #onUnsendable: (outcome: StreamOutcome) => void = () => undefined;

  constructor(source: AnyIterable, sink: StreamSink) {
    this.#source = iteratorOf(source);
    this.#sink = sink;
  }

  /** The other side asks for so many items more. */
  grant(count: number): void {
    this.#credit += count;
    this.#awake();
  }

  #hasStopped(): boolean {
    return this.#isStopped;
  }

  /** Nobody reads any more. The source is told, and whatever it does then is its own affair. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#items = [];
    this.#awake();
    try {
      const returned = this.#source.return?.();
      void watch(returned, () => undefined);
    } catch {
      // It was told.
    }
  }

  /**
   * Runs to the end of the source; `undefined` when it was stopped before. Items that can't be sent are the end at
   * once, also while the source takes its time over the next one.
   */
  run(): Promise<StreamOutcome | undefined> {
    return new Promise((resolve) => {
      this.#onUnsendable = resolve;
      void this.#pump().then(resolve);
    });
  }

  async #pump(): Promise<StreamOutcome | undefined> {
    try {
      for (;;) {
        await this.#room();
        if (this.#hasStopped()) return undefined;
        const step = await this.#source.next();
        if (this.#hasStopped()) return undefined;
        if (step.done === true) return this.#finish({ result: step.value });
        this.#push(step.value);
      }
    } catch (error) {
      return this.#finish({ failure: error });
    }
  }

  /** The source has come to its end, a good one or not: what it yielded before is still sent. */
  #finish(outcome: StreamOutcome): StreamOutcome | undefined {
    this.#flush();
    if (this.#hasStopped()) return undefined;
    this.stop();
    return outcome;
  }

  /** Waits until the other side wants an item and the pipe has room for it. */
  async #room(): Promise<void> {
    while (!this.#isStopped && this.#credit === 0) {
      this.#flush();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    while (!this.#isStopped && this.#sink.isFull) await this.#sink.flushed();
    if (this.#untimedLeft > 0) {
      this.#untimedLeft -= 1;
      return;
    }
    const pause = this.#pause();
    if (pause !== undefined) await pause;
  }

  /** However much was asked for, the event loop gets its turns. */
  #pause(): Promise<void> | undefined {
    const now = performance.now();
    this.#untimed = now - this.#lastLook > LONG_MS ? 1 : Math.min(this.#untimed * 2, MAX_UNTIMED);
    this.#untimedLeft = this.#untimed - 1;
    this.#lastLook = now;
    return pauseForOthers(now);
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #push(item: unknown): void {
    this.#credit -= 1;
    this.#items.push(item);
    if (this.#items.length >= this.#batchSize) {
      this.#flush();
    } else if (!this.#isFlushing) {
      this.#isFlushing = true;
      this.#sink.atTurnEnd(this.#flushTurn);
    }
  }

  readonly #flushTurn = (): void => {
    this.#isFlushing = false;
    this.#flush();
  };

  #flush(): void {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    try {
      this.#send(items);
    } catch (error) {
      this.stop();
      this.#onUnsendable({ failure: error });
    }
  }

  /** Items that are too large together are sent in halves; the size of the next message is learnt from this one. */
  #send(items: readonly unknown[]): void {
    try {
      const size = this.#sink.send(items);
      this.#batchSize = Math.min(Math.max(Math.floor((BATCH_BYTES * items.length) / Math.max(size, 1)), 1), MAX_BATCH);
    } catch (error) {
      if (items.length === 1 || !(error instanceof ChannelError) || error.code !== "MESSAGE_TOO_LARGE") throw error;
      const middle = items.length >> 1;
      this.#send(items.slice(0, middle));
      this.#send(items.slice(middle));
    }
  }
}
