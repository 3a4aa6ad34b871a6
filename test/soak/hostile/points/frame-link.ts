import type { ByteLink, Framing, Link, LinkReceiver, Payload } from "@procwire/transport";

const LARGEST = 2 ** 29 - 1;

/** A link of frames as a user writes one, here over a link of bytes. */
export class FrameLink implements Link {
  readonly hasStrayText = false;
  readonly #link: ByteLink;
  readonly #framing: Framing;

  constructor(link: ByteLink, framing: Framing) {
    this.#link = link;
    this.#framing = framing;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  start(receiver: LinkReceiver): void {
    const decoder = this.#framing.decoder(LARGEST);
    this.#link.start({
      data: (chunk) => {
        receiver.arrived(chunk.length);
        decoder.push(chunk);
        while (decoder.next() === "frame")
          receiver.frame(decoder.bytes.slice(decoder.start, decoder.end), 0, decoder.end - decoder.start);
      },
      end: (cause) => {
        receiver.end(cause);
      },
    });
  }

  send(payload: Payload): void {
    this.#framing.encode(payload, this.#link);
  }

  flushed(): Promise<void> {
    return this.#link.flushed();
  }

  atTurnEnd(callback: () => void): void {
    this.#link.atTurnEnd(callback);
  }

  ref(): void {
    this.#link.ref?.();
  }

  unref(): void {
    this.#link.unref?.();
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}
