import type { Sender } from "./sender.js";

/**
 * Messages that wait for room in the outgoing queue (`whenFull: "wait"`): requests and notifications, in the order in
 * which they were made. They are encoded already, so that nobody can change them while they wait.
 */
export class Unsent {
  readonly #sender: Sender;
  /** What sends each; the key is whoever may give it up. */
  readonly #waiting = new Map<object, () => void>();
  #isSending = false;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** There is no room, or others are before it. */
  get mustWait(): boolean {
    return this.#waiting.size > 0 || this.#sender.isFull;
  }

  /** @param send called when its turn has come; must not throw */
  add(owner: object, send: () => void): void {
    this.#waiting.set(owner, send);
    if (!this.#isSending) void this.#sendWhenThereIsRoom();
  }

  /** Nobody wants it any more. */
  remove(owner: object): void {
    if (this.#waiting.size > 0) this.#waiting.delete(owner);
  }

  /** The channel has ended. */
  clear(): void {
    this.#waiting.clear();
  }

  async #sendWhenThereIsRoom(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#waiting.size > 0) {
        while (this.#sender.isFull) await this.#sender.flushed();
        this.#sendFirst();
      }
    } catch {
      // The link has ended; the channel's end settles everything.
    } finally {
      this.#isSending = false;
    }
  }

  #sendFirst(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [owner, send] = first;
    this.#waiting.delete(owner);
    send();
  }
}
