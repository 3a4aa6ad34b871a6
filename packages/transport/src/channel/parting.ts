import { MAX_TIMER_MS } from "../limits.js";
import type { LinkReceiver } from "../link/contract.js";
import type { Message } from "../protocol/contract.js";
import type { ChannelParts, Farewell } from "./contract/parts.js";
import type { Notifier } from "./outgoing/notifier.js";
import type { Ceremony } from "./output/ceremony.js";
import type { Ids } from "./records/ids.js";

type Parts = Pick<ChannelParts, "link" | "wire" | "farewell" | "onError">;

/**
 * Says what is left of the goodbye. To be called before the channel ends: a notification leaves with what was said before.
 *
 * @returns what waits for the answer to a request, after the channel's end; `undefined` where there is none
 */
export function sayGoodbye(
  parts: Parts,
  ceremony: Ceremony | undefined,
  notifier: Notifier,
  ids: Ids,
): Parting | undefined {
  const { farewell } = parts;
  if (farewell === undefined) return undefined;
  const { request, notification } = ceremony?.farewellOf(farewell) ?? farewell;
  if (request !== undefined) return new Parting(parts, { ...farewell, notification }, ++ids.last);
  if (notification !== undefined) void notifier.send(notification, farewell.params);
  return undefined;
}

/**
 * The goodbye of a channel that has ended: asks the other side to end, waits for its answer, and says that this side
 * goes. What else arrives is dropped.
 */
export class Parting implements Pick<LinkReceiver, "frame" | "end"> {
  /** Resolves when all is said, or there is nobody to say it to. */
  readonly over: Promise<void>;
  readonly #parts: Parts;
  readonly #farewell: Farewell;
  readonly #id: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #resolve: () => void = () => undefined;

  /** @param id of the request */
  constructor(parts: Parts, farewell: Farewell, id: number) {
    this.#parts = parts;
    this.#farewell = farewell;
    this.#id = id;
    this.over = new Promise((resolve) => (this.#resolve = resolve));
    const { request, graceMs } = farewell;
    this.#timer = setTimeout(
      () => {
        this.#leave();
      },
      Math.min(graceMs, MAX_TIMER_MS),
    );
    this.#say((wire) => wire.request(id, String(request), undefined));
  }

  frame(bytes: Uint8Array, start: number, end: number): void {
    let message: Message;
    try {
      message = this.#parts.wire.decode(bytes, start, end);
    } catch {
      // A print, or an answer that nobody waits for any more.
      return;
    }
    if ((message.kind === "response" || message.kind === "error") && message.id === this.#id) this.#leave();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolve();
  }

  #leave(): void {
    const { notification } = this.#farewell;
    if (notification !== undefined) this.#say((wire) => wire.notification(notification, undefined));
    this.end();
  }

  /** Layers of the user's may throw: then the end of the link has to say it. */
  #say(encode: (wire: Parts["wire"]) => ReturnType<Parts["wire"]["notification"]>): void {
    if (this.#isOver) return;
    const { link, wire, onError } = this.#parts;
    try {
      link.send(encode(wire));
    } catch (error) {
      onError(error);
      this.end();
    }
  }
}
