import { ChannelError } from "../../errors.js";
import type { RequestId } from "../../protocol/contract.js";
import { refuseAsBusy, type Reply } from "./replies.js";

/** What a refusal takes at least while it waits to be read. */
const LEAST_BYTES = 128;

/**
 * Requests that are refused because answers wait that nobody reads. Refusals are answers, too: whoever asks and asks and
 * never reads is given up before they fill the memory.
 */
export class Refusals {
  readonly #maxBytes: number;
  readonly #end: (cause: ChannelError) => void;
  #bytes = 0;

  constructor(maxBytes: number, end: (cause: ChannelError) => void) {
    this.#maxBytes = maxBytes;
    this.#end = end;
  }

  refuse(reply: Reply, id: RequestId, queuedBytes: number): void {
    this.#bytes += LEAST_BYTES + (typeof id === "string" ? id.length : 0);
    if (this.#bytes <= this.#maxBytes) {
      refuseAsBusy(reply, id, `${queuedBytes} bytes wait to be read`);
      return;
    }
    const text = `The other side keeps asking, and does not read its answers: ${queuedBytes} bytes wait.`;
    this.#end(new ChannelError("CHANNEL_CLOSED", text));
  }

  /** A request was taken again. */
  reset(): void {
    this.#bytes = 0;
  }
}
