import { ChannelError } from "../errors.js";
import type { FrameDecoder, Framing, FrameStatus, Payload } from "../framing/contract.js";
import type { ByteLink } from "./byte-link.js";
import type { Link, LinkReceiver } from "./contract.js";

/**
 * A link of frames over a link of bytes: the framing finds the frames in what arrives, and delimits what is sent. A framing
 * that throws has lost the border between two frames, so that is the end of the link.
 */
export class FramedLink implements Link {
  readonly hasStrayText: boolean;
  readonly #link: ByteLink;
  readonly #framing: Framing;
  readonly #decoder: FrameDecoder;
  readonly #keepsShown: boolean;
  /** `undefined` before the start, and when nothing is handed on any more. */
  #receiver: LinkReceiver | undefined;

  constructor(link: ByteLink, framing: Framing, maxMessageBytes: number) {
    this.hasStrayText = !framing.carriesBinary;
    this.#link = link;
    this.#framing = framing;
    this.#decoder = framing.decoder(maxMessageBytes);
    this.#keepsShown = this.#decoder.keepsShown === true;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  start(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.#link.start({
      data: (chunk) => {
        this.#receive(chunk);
      },
      noise: (line) => this.#receiver?.noise(line),
      end: (cause) => {
        this.#end(cause);
      },
    });
  }

  send(payload: Payload): void {
    try {
      this.#framing.encode(payload, this.#link);
    } catch (error) {
      // A part of the frame may be on its way: whatever followed would be read as the rest of it.
      this.#end(failure("A message could not be framed", error));
    }
  }

  flushed(): Promise<void> {
    return this.#link.flushed();
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
    this.#receiver = undefined;
    return this.#link.close();
  }

  #receive(chunk: Uint8Array): void {
    this.#receiver?.arrived(chunk.length);
    let status = this.#next(chunk);
    // A handler may close the link in the middle of a chunk.
    for (; status !== "more" && this.#receiver !== undefined; status = this.#next()) {
      if (status === "oversized") this.#showOversized(this.#receiver);
      else this.#show(this.#receiver);
    }
  }

  #next(chunk?: Uint8Array): FrameStatus {
    try {
      if (chunk !== undefined) this.#decoder.push(chunk);
      return this.#decoder.next();
    } catch (error) {
      this.#end(error instanceof ChannelError ? error : failure("The input can't be read any further", error));
      return "more";
    }
  }

  #show(receiver: LinkReceiver): void {
    const { bytes, start, end } = this.#decoder;
    if (this.#keepsShown) {
      receiver.frame(bytes, start, end);
    } else {
      const frame = bytes.slice(start, end);
      receiver.frame(frame, 0, frame.length);
    }
  }

  #showOversized(receiver: LinkReceiver): void {
    const { bytes, start, end, skippedBytes } = this.#decoder;
    receiver.oversized(bytes.subarray(start, end), skippedBytes);
  }

  #end(cause: ChannelError): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver === undefined) return;
    const lost = this.#unfinishedBytes();
    if (lost > 0) receiver.cut(lost);
    receiver.end(cause);
  }

  #unfinishedBytes(): number {
    try {
      return this.#decoder.unfinishedBytes();
    } catch {
      // It only serves to explain the end, which comes in any case.
      return 0;
    }
  }
}

function failure(what: string, cause: unknown): ChannelError {
  return new ChannelError("FRAME_MALFORMED", `${what}: ${reasonOf(cause)}`, { cause });
}

/** Whatever was thrown: even something that can't be looked at. */
function reasonOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? (thrown.message as unknown) : thrown);
  } catch {
    return "something was thrown that can't be shown";
  }
}
