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

/** A value as the other side gets it. */
export function across(value: unknown): unknown {
  return decode(new MessagePackCodec().encode(value));
}
