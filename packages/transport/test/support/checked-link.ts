import { onTestFinished } from "vitest";
import {
  JsonCodec,
  LineDelimitedFraming,
  type Codec,
  type CreateChannelOptions,
  type FrameDecoder,
  type ByteLink,
  type ByteReceiver,
} from "../../src/index.js";
import { assertFrame } from "./wire-schema.js";

const LARGEST = 2 ** 29 - 1;

/** A link that reads along what is written to it; a frame that is no valid message fails the test when it is over. */
export class CheckedLink implements ByteLink {
  readonly #link: ByteLink;
  readonly #decoder: FrameDecoder;
  readonly #codec: Codec;
  readonly #problems: unknown[] = [];

  constructor(link: ByteLink, { framing, codec }: Pick<CreateChannelOptions, "framing" | "codec">) {
    this.#link = link;
    if (typeof framing === "string" || typeof codec === "string")
      throw new Error("Give this helper the layers themselves");
    this.#decoder = (framing ?? new LineDelimitedFraming()).decoder(LARGEST);
    this.#codec = codec ?? new JsonCodec({ maxDepth: 100_000 });
    onTestFinished(() => {
      if (this.#problems.length > 0) throw new AggregateError(this.#problems, String(this.#problems[0]));
    });
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  start(receiver: ByteReceiver): void {
    this.#link.start(receiver);
  }

  text(part: string): void {
    this.#check(new TextEncoder().encode(part));
    this.#link.text(part);
  }

  bytes(part: Uint8Array): void {
    this.#check(part);
    this.#link.bytes(part);
  }

  flushed(): Promise<void> {
    return this.#link.flushed();
  }

  atTurnEnd(callback: () => void): void {
    this.#link.atTurnEnd(callback);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #check(part: Uint8Array): void {
    const decoder = this.#decoder;
    try {
      decoder.push(part);
      for (let status = decoder.next(); status !== "more"; status = decoder.next()) {
        assertFrame(this.#codec.decode(decoder.bytes, decoder.start, decoder.end));
      }
    } catch (error) {
      this.#problems.push(error);
    }
  }
}
