import { ChannelError } from "../errors.js";
import type { Link } from "../link/contract.js";

/** Node's timers can let the process go; the web's are numbers. */
type Timer = Partial<Record<"ref" | "unref", () => void>> | undefined;

/**
 * Stands for a link that is still to be opened: it is always full, so what is said waits. It also holds the time to wait
 * before it is opened, because that keeps the process alive as the link would.
 */
export class PendingLink implements Link {
  readonly hasStrayText = false;
  readonly queuedBytes: number = Infinity;
  readonly #flushed: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (reason: ChannelError) => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endPause: () => void = () => undefined;
  #isUnref = false;

  constructor() {
    this.#flushed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#flushed.catch(() => undefined);
  }

  start(): void {
    // Nothing arrives.
  }

  send(): void {
    // Nobody sends to a link that is full, but for a word about a request, and none has left.
  }

  flushed(): Promise<void> {
    return this.#flushed;
  }

  atTurnEnd(callback: () => void): void {
    queueMicrotask(callback);
  }

  unref(): void {
    this.#isUnref = true;
    (this.#timer as Timer)?.unref?.();
  }

  ref(): void {
    this.#isUnref = false;
    (this.#timer as Timer)?.ref?.();
  }

  /** Resolves after so many milliseconds, or when it is closed. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#endPause = resolve;
      this.#timer = setTimeout(resolve, milliseconds);
      if (this.#isUnref) (this.#timer as Timer)?.unref?.();
    });
  }

  /** The link that it stands for is there. */
  opened(): void {
    this.#resolve();
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#endPause();
    this.#reject(new ChannelError("CHANNEL_CLOSED", "The link was never opened."));
    return Promise.resolve();
  }
}
