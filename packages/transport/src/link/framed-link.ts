import { ChannelError, reasonOf } from "../errors.js";
import type { FrameDecoder, Framing, FrameStatus, Payload } from "../framing/contract.js";
import type { ByteLink } from "./byte-link.js";
import type { Link, LinkReceiver } from "./contract.js";

const NOTHING: Uint8Array = new Uint8Array(0);

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
  /** The last thing found. */
  #bytes = NOTHING;
  #from = 0;
  #to = 0;
  #skipped = 0;
  #isSending = false;
  readonly #later: Payload[] = [];
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
      inputEnd: () => {
        this.#deliver(this.#next(undefined, true));
      },
      noise: (line) => this.#receiver?.noise(line),
      wrote: () => this.#receiver?.wrote?.(),
      gone: () => this.#receiver?.gone?.(),
      end: (cause) => {
        this.#end(cause);
      },
    });
  }

  send(payload: Payload): void {
    // A link of the user's may send something while a frame is written to it: that comes behind this frame.
    if (this.#isSending) {
      this.#later.push(payload);
      return;
    }
    this.#isSending = true;
    this.#encode(payload);
    this.#isSending = false;
    if (this.#later.length > 0) for (const later of this.#later.splice(0)) this.send(later);
  }

  #encode(payload: Payload): void {
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
    this.#deliver(this.#next(chunk));
  }

  #deliver(first: FrameStatus): void {
    let found = first;
    // A handler may close the link in the middle of a chunk.
    for (; found !== "more" && this.#receiver !== undefined; found = this.#next()) {
      if (found === "frame") this.#receiver.frame(this.#bytes, this.#from, this.#to);
      else this.#receiver.oversized(this.#bytes, this.#skipped);
    }
    this.#bytes = NOTHING;
  }

  /** Reads all that the decoder shows: a getter of its may throw, as its methods may. */
  #next(chunk?: Uint8Array, isEnd = false): FrameStatus {
    const decoder = this.#decoder;
    try {
      if (chunk !== undefined) decoder.push(chunk);
      const status = isEnd ? (decoder.finish?.() ?? "more") : decoder.next();
      if (status !== "more") this.#take(status);
      return status;
    } catch (error) {
      this.#end(error instanceof ChannelError ? error : failure("The input can't be read any further", error));
      return "more";
    }
  }

  #take(status: "frame" | "oversized"): void {
    const { bytes, start, end } = this.#decoder;
    const isShown = status === "frame" && this.#keepsShown;
    this.#bytes = isShown ? bytes : bytes.slice(start, end);
    this.#from = isShown ? start : 0;
    this.#to = isShown ? end : this.#bytes.length;
    if (status === "oversized") this.#skipped = this.#decoder.skippedBytes;
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
      return Math.max(this.#decoder.unfinishedBytes(), 0);
    } catch {
      // It only serves to explain the end, which comes in any case.
      return 0;
    }
  }
}

function failure(what: string, cause: unknown): ChannelError {
  return new ChannelError("FRAME_MALFORMED", `${what}: ${reasonOf(cause)}`, { cause });
}
