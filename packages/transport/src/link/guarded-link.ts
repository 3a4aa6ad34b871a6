import { ChannelError } from "../errors.js";
import type { Payload } from "../framing/contract.js";
import type { Link, LinkReceiver } from "./contract.js";

/** How long a link may take to close. Ours take less. */
const CLOSE_MS = 10_000;

/**
 * A link of the user's. Whatever it does, the channel over it keeps its promises: what the link throws in `send` is its
 * end, and what it throws elsewhere is reported.
 */
export class GuardedLink implements Link {
  readonly #link: Link;
  readonly #onError: (error: unknown) => void;
  #receiver: LinkReceiver | undefined;

  constructor(link: Link, onError: (error: unknown) => void) {
    this.#link = link;
    this.#onError = onError;
  }

  get hasStrayText(): boolean {
    return this.#link.hasStrayText;
  }

  get queuedBytes(): number {
    return this.#try(() => this.#link.queuedBytes, 0);
  }

  start(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.#link.start({
      arrived: (bytes) => this.#receiver?.arrived(bytes),
      frame: (bytes, start, end) => this.#receiver?.frame(bytes, start, end),
      oversized: (head, bytes) => this.#receiver?.oversized(head, bytes),
      cut: (bytes) => this.#receiver?.cut(bytes),
      noise: (line) => this.#receiver?.noise(line),
      lost: (id, reason) => this.#receiver?.lost?.(id, reason),
      wrote: () => this.#receiver?.wrote?.(),
      gone: () => this.#receiver?.gone?.(),
      end: (cause) => {
        this.#end(cause);
      },
    });
  }

  send(payload: Payload): void {
    try {
      this.#link.send(payload);
    } catch (error) {
      this.#end(new ChannelError("CHANNEL_CLOSED", "The link failed while a message was sent.", { cause: error }));
    }
  }

  async flushed(): Promise<void> {
    await this.#link.flushed();
  }

  atTurnEnd(callback: () => void): void {
    try {
      this.#link.atTurnEnd(callback);
    } catch (error) {
      this.#onError(error);
      // What waits for the end of the turn would be held back.
      queueMicrotask(callback);
    }
  }

  unref(): void {
    this.#try(() => this.#link.unref?.(), undefined);
  }

  ref(): void {
    this.#try(() => this.#link.ref?.(), undefined);
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
    try {
      await Promise.race([this.#link.close(), late]);
    } catch (error) {
      this.#onError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #end(cause: ChannelError): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.end(cause);
  }

  #try<Result>(call: () => Result, otherwise: Result): Result {
    try {
      return call();
    } catch (error) {
      this.#onError(error);
      return otherwise;
    }
  }
}
