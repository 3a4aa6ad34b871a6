/**
 * The parts of @msgpack/msgpack that are private in its declarations and that the strict encoder and decoder build on.
 * They hold for the one version that package.json pins. Another one fails here, at once, instead of changing values.
 */

import { Decoder, Encoder, type DecoderOptions, type EncoderOptions, type ExtData } from "@msgpack/msgpack";

export interface EncoderParts {
  pos: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  encodeSharedRef(value: unknown): Uint8Array<ArrayBuffer>;
  doEncode(value: unknown, depth: number): void;
  encodeNumber(value: number): void;
  encodeString(text: string): void;
  encodeObject(value: unknown, depth: number): void;
  encodeArray(items: readonly unknown[], depth: number): void;
  encodeMap(object: Readonly<Record<string, unknown>>, depth: number): void;
  encodeBinary(bytes: ArrayBufferView): void;
  encodeExtension(extension: ExtData): void;
  ensureBufferSizeToWrite(bytes: number): void;
  writeStringHeader(byteLength: number): void;
  clone(): EncoderParts;
}

export interface DecoderParts {
  pos: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly stack: { readonly length: number; top(): { array?: unknown[] } | undefined };
  decode(bytes: Uint8Array): unknown;
  decodeString(byteLength: number, headerOffset: number): string | Uint8Array;
  pushArrayState(size: number): void;
  pushMapState(size: number): void;
  readU64(): number | bigint;
  readI64(): number | bigint;
}

const ENCODER_METHODS = [
  ...["encodeSharedRef", "doEncode", "encodeNumber", "encodeString", "encodeObject"],
  ...["encodeArray", "encodeMap", "encodeBinary", "encodeExtension", "ensureBufferSizeToWrite", "writeStringHeader"],
  "clone",
];
const DECODER_METHODS = ["decode", "decodeString", "pushArrayState", "pushMapState", "readU64", "readI64"];

export const LibraryEncoder: new (options: EncoderOptions) => EncoderParts = withMethods(
  Encoder,
  ENCODER_METHODS,
) as never;
export const LibraryDecoder: new (options: DecoderOptions) => DecoderParts = withMethods(
  Decoder,
  DECODER_METHODS,
) as never;

function withMethods(library: typeof Encoder | typeof Decoder, methods: readonly string[]): unknown {
  for (const method of methods) {
    if (typeof Reflect.get(library.prototype, method) === "function") continue;
    throw new Error(`@procwire/codec-msgpack needs @msgpack/msgpack 3.1.3: ${library.name}.${method} is missing`);
  }
  return library;
}
