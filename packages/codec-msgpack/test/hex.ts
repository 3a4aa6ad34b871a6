import type { Payload } from "@procwire/transport";
import { MessagePackCodec } from "../src/index.js";

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function decode(bytes: Uint8Array, codec: MessagePackCodec = new MessagePackCodec()): unknown {
  return codec.decode(bytes, 0, bytes.length);
}

/** The bytes of a message, put together. */
export function encode(value: unknown, codec: MessagePackCodec = new MessagePackCodec()): Uint8Array {
  return joined(codec.encode(value));
}

export function joined(payload: Payload): Uint8Array {
  return new Uint8Array(Buffer.concat((Array.isArray(payload) ? payload : [payload]) as readonly Uint8Array[]));
}

/** A value as the other side gets it. */
export function across(value: unknown): unknown {
  return decode(encode(value));
}
