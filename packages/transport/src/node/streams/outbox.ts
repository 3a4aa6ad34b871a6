import type { ChannelError } from "../../errors.js";
import type { ByteSink } from "../../framing/contract.js";
import { forStream } from "./encode-text.js";
import { PartList } from "./part-list.js";

/**
 * What a turn has said so far is written when it is that much, in bytes or UTF-16 units: while the turn goes on, the other
 * side begins to read.
 */
const WRITE_AT = 32 * 1024;

/** What an outbox needs of a Node writable. */
export interface WriteStream {
  write(part: string | Uint8Array, encoding: "utf8", callback: (error?: Error | null) => void): boolean;
  cork(): void;
  uncork(): void;
  /** Why it can't be written to any more. */
  readonly errored?: unknown;
  readonly destroyed?: boolean;
}

interface Flush {
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (cause: ChannelError) => void;
}

/**
 * The one writer of a link. What is said in one turn of the event loop is gathered and leaves in one write, or in a
 * few when it is much: a write per message costs more than everything else that is done for it.
 */
export class Outbox implements ByteSink {
  readonly #stream: WriteStream;
  readonly #onWrite: () => void;
  /** The texts of this turn as one. Text that bytes follow is moved to `#parts`, so that the order holds. */
  #text = "";
  readonly #parts = new PartList();
  #inStream = 0;
  #isScheduled = false;
  #turnEnds: (() => void)[] = [];
  /** Asked for in this turn. */
  #flush: Flush | undefined;
  /** Under way: each is done with the write that was the last one before it. */
  #flushing: { readonly flush: Flush; readonly lastWrite: number }[] = [];
  #writesBegun = 0;
  #writesDone = 0;
  #ended: ChannelError | undefined;
  /** Nobody reads any more. */
  #isGone = false;
  readonly #writeTurn = (): void => {
    this.writeNow();
  };

  /** @param onWrite called after each write that has not failed at once */
  constructor(stream: WriteStream, onWrite: () => void = () => undefined) {
    this.#stream = stream;
    this.#onWrite = onWrite;
  }

  /** Bytes not yet taken by the operating system; text counts one per UTF-16 unit. */
  get queuedBytes(): number {
    return this.#inStream + this.#parts.length + this.#text.length;
  }

  text(part: string): void {
    if (this.#ended !== undefined) return;
    this.#text += part;
    if (this.#text.length >= WRITE_AT) this.#write();
    else this.#schedule();
  }

  bytes(part: Uint8Array): void {
    if (this.#ended !== undefined) return;
    this.#sealText();
    this.#parts.push(part);
    if (this.#parts.length >= WRITE_AT) this.#write();
    else this.#schedule();
  }

  flushed(): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.queuedBytes === 0 && !this.#isGone) return Promise.resolve();
    this.#flush ??= createFlush();
    this.#schedule();
    return this.#flush.done;
  }

  atTurnEnd(callback: () => void): void {
    this.#turnEnds.push(callback);
    this.#schedule();
  }

  /** Nobody reads any more: what is gathered is dropped, and who waits for a flush waits for the end. */
  gone(): void {
    this.#isGone = true;
    this.#drop();
  }

  /** Nothing is written any more; who waits for a flush hears the cause. */
  end(cause: ChannelError): void {
    this.#ended ??= cause;
    this.#flush?.reject(this.#ended);
    this.#flush = undefined;
    this.#drop();
  }

  #drop(): void {
    this.#text = "";
    this.#parts.take();
  }

  /** Writes what is gathered without waiting for the end of the turn. */
  writeNow(): void {
    if (this.#turnEnds.length > 0) for (const callback of this.#turnEnds.splice(0)) callback();
    this.#isScheduled = false;
    if (this.#ended === undefined && !this.#isGone) this.#write();
  }

  #write(): void {
    if (this.#parts.length === 0 && this.#flush === undefined) this.#writeText();
    else this.#writeParts();
  }

  // A tick, not a microtask: ticks run when the microtasks are exhausted, so that what the continuations of many
  // answers say leaves in one write as well.
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#writeTurn);
  }

  /** The common case: a turn that said only text, and nobody waits for the flush. */
  #writeText(): void {
    const text = this.#text;
    if (text === "") return;
    this.#text = "";
    this.#hand(text);
    this.#handed();
  }

  #writeParts(): void {
    const flush = this.#flush;
    this.#flush = undefined;
    if (this.#parts.length === 0) this.#writeText();
    else this.#writeGathered();
    if (flush === undefined) return;
    this.#flushing.push({ flush, lastWrite: this.#writesBegun });
    this.#settleFlushes(undefined);
  }

  #writeGathered(): void {
    this.#sealText();
    this.#stream.cork();
    for (const part of this.#parts.take()) this.#hand(part);
    this.#stream.uncork();
    this.#handed();
  }

  /** A pipe whose other end is closed takes nothing: the system says so at once, unless earlier writes still wait. */
  #handed(): void {
    const { errored, destroyed } = this.#stream;
    if ((errored === null || errored === undefined) && destroyed !== true) this.#onWrite();
  }

  #hand(part: string | Uint8Array): void {
    this.#inStream += part.length;
    this.#writesBegun += 1;
    const data = typeof part === "string" ? forStream(part) : part;
    this.#stream.write(data, "utf8", (error) => {
      this.#inStream -= part.length;
      this.#writesDone += 1;
      if (this.#flushing.length > 0) this.#settleFlushes(error);
    });
  }

  /**
   * No empty write marks the place of a flush: the system would be given it apart from the rest when that does not fit
   * into the pipe at once, and by then a worker that was told to exit may have gone. A failed write means that the
   * link ends: its cause is known only then, so the flush waits for `end`.
   */
  #settleFlushes(error: Error | null | undefined): void {
    for (let next = this.#flushing[0]; next !== undefined; next = this.#flushing[0]) {
      if (next.lastWrite > this.#writesDone) return;
      this.#flushing.shift();
      if (!error) next.flush.resolve();
      else if (this.#ended !== undefined) next.flush.reject(this.#ended);
      else this.#deferToEnd(next.flush);
    }
  }

  #deferToEnd(flush: Flush): void {
    this.#flush ??= createFlush();
    this.#flush.done.then(flush.resolve, flush.reject);
  }

  #sealText(): void {
    if (this.#text === "") return;
    const data = forStream(this.#text);
    this.#parts.push(typeof data === "string" ? Buffer.from(data) : data);
    this.#text = "";
  }
}

function createFlush(): Flush {
  let resolve: () => void = () => undefined;
  let reject: (cause: ChannelError) => void = () => undefined;
  const done = new Promise<void>((onDone, onFail) => {
    resolve = onDone;
    reject = onFail;
  });
  // A notification that nobody waits for must not become an unhandled rejection when the worker dies.
  done.catch(() => undefined);
  return { done, resolve, reject };
}
