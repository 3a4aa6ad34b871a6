// Decoding takes time in proportion to the bytes, however they are cut. Time itself is measured by `npm run soak -- linear`;
// here the bytes that are copied and searched are counted, which no busy machine can change.

import { describe, expect, test, vi } from "vitest";
import { ContentLengthFraming } from "../../src/framing/content-length.js";
import type { FrameDecoder, Framing } from "../../src/framing/contract.js";
import { LengthPrefixedFraming } from "../../src/framing/length-prefixed.js";
import { LineDelimitedFraming } from "../../src/framing/line-delimited.js";
import { cutEvery, encodeAll } from "../support/frames.js";

const KIB = 1024;

const framings: readonly Framing[] = [
  new LineDelimitedFraming(),
  new LengthPrefixedFraming(),
  new ContentLengthFraming(),
];

interface Shape {
  readonly name: string;
  readonly frameBytes: (total: number) => number;
  readonly chunkBytes: (total: number) => number;
  readonly limit: number;
  /** How often a byte may be copied: into a page, and when its frame is joined. */
  readonly copies: number;
}

const whole = (total: number): number => total;
/** More than the frames and their headers. */
const all = (total: number): number => 2 * total;
const shapes: readonly Shape[] = [
  { name: "one frame in chunks of 1 KiB", frameBytes: whole, chunkBytes: () => KIB, limit: Infinity, copies: 2 },
  { name: "one frame in chunks of 64 KiB", frameBytes: whole, chunkBytes: () => 64 * KIB, limit: Infinity, copies: 1 },
  { name: "one frame byte by byte", frameBytes: whole, chunkBytes: () => 1, limit: Infinity, copies: 2 },
  {
    name: "one frame above the limit in chunks of 1 KiB",
    frameBytes: whole,
    chunkBytes: () => KIB,
    limit: 10 * KIB,
    copies: 0.2,
  },
  { name: "small frames in one chunk", frameBytes: () => 100, chunkBytes: all, limit: Infinity, copies: 0 },
  {
    name: "small frames in chunks of 1 KiB",
    frameBytes: () => 100,
    chunkBytes: () => KIB,
    limit: Infinity,
    copies: 0.5,
  },
  { name: "small frames byte by byte", frameBytes: () => 100, chunkBytes: () => 1, limit: Infinity, copies: 2 },
];

interface Effort {
  copied: number;
  searched: number;
}

/** Counts the bytes that are copied and searched by the methods of typed arrays. */
function measure(work: () => void): Effort {
  const effort: Effort = { copied: 0, searched: 0 };
  const methods = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the array that is measured
  const { set, indexOf } = methods;
  vi.spyOn(methods, "set").mockImplementation(function (this: Uint8Array, source, offset) {
    effort.copied += source.length;
    set.call(this, source, offset);
  });
  vi.spyOn(methods, "indexOf").mockImplementation(function (this: Uint8Array, byte, from = 0) {
    const found = indexOf.call(this, byte, from);
    effort.searched += (found === -1 ? this.length : found + 1) - from;
    return found;
  });
  work();
  vi.restoreAllMocks();
  return effort;
}

function effortOf(framing: Framing, shape: Shape, total: number): Effort {
  const frameBytes = shape.frameBytes(total);
  const payloads = Array.from({ length: total / frameBytes }, () => new Uint8Array(frameBytes).fill(0x78));
  const chunks = cutEvery(encodeAll(framing, payloads), shape.chunkBytes(total));
  const decoder = framing.decoder(Math.min(shape.limit, 2 * total));
  let found = 0;
  const effort = measure(() => {
    for (const chunk of chunks) found += countFrames(decoder, chunk);
  });
  expect(found).toBe(payloads.length);
  return effort;
}

function countFrames(decoder: FrameDecoder, chunk: Uint8Array): number {
  let found = 0;
  decoder.push(chunk);
  while (decoder.next() !== "more") found += 1;
  return found;
}

describe.each(framings)("$name", (framing) => {
  test.each(shapes)("$name: each byte is searched at most once, and copied at most $copies times", (shape) => {
    const total = (shape.chunkBytes(0) === 1 ? 20 : 200) * KIB;
    const small = effortOf(framing, shape, total);
    const large = effortOf(framing, shape, 2 * total);
    for (const [effort, bytes] of [
      [small, total],
      [large, 2 * total],
    ] as const) {
      const withHeaders = bytes * 1.3;
      expect(effort.copied).toBeLessThanOrEqual(withHeaders * shape.copies);
      expect(effort.searched).toBeLessThanOrEqual(withHeaders);
    }
    expect(large.copied).toBeLessThanOrEqual(2.1 * small.copied + KIB);
    expect(large.searched).toBeLessThanOrEqual(2.1 * small.searched + KIB);
  });
});
