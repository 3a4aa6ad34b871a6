import type { Payload } from "../../framing/contract.js";
import { unitLength } from "../../framing/payload.js";
import { overloadedError } from "../records/errors.js";
import type { Ceremony } from "./ceremony.js";
import type { Sender } from "./sender.js";

interface Waiting {
  readonly method: string;
  readonly payload: Payload;
  readonly send: () => void;
  readonly bytes: number;
}

/**
 * Messages that wait for room in the outgoing queue (`whenFull: "wait"`), or for the end of the dialect's hello: requests
 * and notifications, in the order in which they were made. They are encoded already, so that nobody can change them while they wait.
 */
export class Unsent {
  readonly #sender: Sender;
  readonly #maxBytes: number;
  readonly #onAdded: ((owner: object) => void) | undefined;
  /** `undefined` where nothing is ever too early. */
  readonly ceremony: Ceremony | undefined;
  /** What sends each, and its size; the key is whoever may give it up. */
  readonly #waiting = new Map<object, Waiting>();
  #bytes = 0;
  #isSending = false;

  /**
   * @param maxBytes what may wait in all; one message always may
   * @param onAdded is told of each that waits
   */
  constructor(sender: Sender, maxBytes: number, onAdded?: (owner: object) => void, ceremony?: Ceremony) {
    this.#sender = sender;
    this.#maxBytes = maxBytes;
    this.#onAdded = onAdded;
    this.ceremony = ceremony;
    if (ceremony === undefined) return;
    ceremony.onOpen = () => {
      this.sendNow();
      if (this.#waiting.size > 0 && !this.#isSending) void this.#sendWhenThereIsRoom();
    };
  }

  /** There is no room, or others are before it. Those that are too early are before nobody. */
  get mustWait(): boolean {
    return (this.#waiting.size > 0 && this.ceremony?.isShut !== true) || this.#sender.isFull;
  }

  /**
   * Throws `OVERLOADED` when too much waits already.
   * @param send called when its turn has come; must not throw
   */
  add(owner: object, method: string, payload: Payload, send: () => void): void {
    const bytes = unitLength(payload);
    if (this.#waiting.size > 0 && this.#bytes + bytes > this.#maxBytes) {
      throw overloadedError(method, "limits.maxHeldBytes");
    }
    this.#waiting.set(owner, { method, payload, send, bytes });
    this.#bytes += bytes;
    if (!this.#isSending) void this.#sendWhenThereIsRoom();
    this.#onAdded?.(owner);
  }

  /** Nobody wants it any more. */
  remove(owner: object): void {
    if (this.#waiting.size > 0) this.#take(owner);
  }

  /** Takes out what waits; whoever gets it sends it. `undefined` when it does not wait any more. */
  take(owner: object): Payload | undefined {
    const waiting = this.#waiting.get(owner);
    this.#take(owner);
    return waiting?.payload;
  }

  /** Sends what there is room for, at once: the link has just come. */
  sendNow(): void {
    while (this.#mayLeave !== undefined && !this.#sender.isFull) this.#sendFirst();
  }

  /** Whoever is the first that is not too early. */
  get #mayLeave(): object | undefined {
    for (const [owner, { method }] of this.#waiting) if (this.ceremony?.isEarly(method) !== true) return owner;
    return undefined;
  }

  /** The channel has ended: what waits is in the hands of whoever takes it. */
  takeAll(): { readonly owner: object; readonly payload: Payload }[] {
    const all = [...this.#waiting].map(([owner, { payload }]) => ({ owner, payload }));
    this.#waiting.clear();
    this.#bytes = 0;
    return all;
  }

  async #sendWhenThereIsRoom(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#mayLeave !== undefined) {
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
    const owner = this.#mayLeave;
    if (owner === undefined) return;
    const waiting = this.#waiting.get(owner);
    this.#take(owner);
    waiting?.send();
  }

  #take(owner: object): void {
    this.#bytes -= this.#waiting.get(owner)?.bytes ?? 0;
    this.#waiting.delete(owner);
  }
}
