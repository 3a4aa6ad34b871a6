import type { Link } from "../../link/contract.js";

/**
 * Stands in for a link whose other side is gone, while its last words are read: it is always full, so what is said waits,
 * and nothing is sent to nobody.
 */
export class GoneLink implements Link {
  readonly queuedBytes: number = Infinity;
  readonly #link: Link;
  readonly #flushed: Promise<void>;
  #reject: (reason: Error) => void = () => undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#flushed = new Promise((_resolve, reject) => (this.#reject = reject));
    this.#flushed.catch(() => undefined);
  }

  get hasStrayText(): boolean {
    return this.#link.hasStrayText;
  }

  start(): void {
    // It was started before the other side went.
  }

  send(): void {
    // Nobody sends to a link that is full, but for a word about what was said before: that comes too late.
  }

  flushed(): Promise<void> {
    return this.#flushed;
  }

  atTurnEnd(callback: () => void): void {
    this.#link.atTurnEnd(callback);
  }

  unref(): void {
    this.#link.unref?.();
  }

  ref(): void {
    this.#link.ref?.();
  }

  close(): Promise<void> {
    this.#reject(new Error("The other side was gone before it could be sent."));
    return this.#link.close();
  }
}
