import { ContentLengthFraming, JsonCodec, LengthPrefixedFraming, LineDelimitedFraming } from "@procwire/transport";
import type { ByteSink, Framing } from "@procwire/transport";
import type { Soak } from "./lib/contract.js";
import { milliseconds, type Ledger } from "./lib/ledger.js";
import { percentile } from "./lib/statistics.js";

const MEGABYTE = 1024 * 1024;
const ROUNDS = 7;
/** Twice the bytes may take this much longer: twice, and what caches and collections add. */
const MAX_RATIO = 2.5;

/** What is decoded, and in chunks of what size it comes. */
interface Shape {
  readonly name: string;
  /** 0: one frame of all bytes. */
  readonly frameBytes: number;
  readonly chunkBytes: number;
  readonly isOversized?: boolean;
  /** How often it is decoded in one measurement, where it takes too short a time to be measured. */
  readonly laps?: number;
}

const shapes: readonly Shape[] = [
  { name: "one frame in 1 KiB", frameBytes: 0, chunkBytes: 1024 },
  { name: "one frame in 16 bytes", frameBytes: 0, chunkBytes: 16 },
  { name: "one frame in 64 KiB", frameBytes: 0, chunkBytes: 64 * 1024 },
  { name: "one above the limit in 1 KiB", frameBytes: 0, chunkBytes: 1024, isOversized: true, laps: 40 },
  { name: "100-byte frames in 64 KiB", frameBytes: 100, chunkBytes: 64 * 1024 },
  { name: "100-byte frames in 1 KiB", frameBytes: 100, chunkBytes: 1024 },
  { name: "2 KiB frames in 1 KiB", frameBytes: 2048, chunkBytes: 1024 },
];

export const linear: Soak = {
  name: "linear",
  about: "the time to decode N MB, in proportion to that for half of it, for each framing and however it is cut",
  count: 64,
  short: 4,
  run(megabytes, ledger) {
    const bytes = megabytes * MEGABYTE;
    for (const framing of [new LineDelimitedFraming(), new LengthPrefixedFraming(), new ContentLengthFraming()]) {
      for (const shape of shapes) compare(framing, shape, bytes, ledger);
    }
    return Promise.resolve();
  },
};

/** The medians of some rounds, in turns. */
function compare(framing: Framing, shape: Shape, bytes: number, ledger: Ledger): void {
  const large = encode(framing, shape, bytes);
  const half = encode(framing, shape, bytes / 2);
  const took: { readonly half: number[]; readonly large: number[] } = { half: [], large: [] };
  for (let round = 0; round < ROUNDS; round++) {
    took.half.push(decode(framing, shape, half));
    took.large.push(decode(framing, shape, large));
  }
  const [halfMs, largeMs] = [percentile(took.half, 50), percentile(took.large, 50)];
  const ratio = largeMs / halfMs;
  const figure = `${ratio.toFixed(2)} (${milliseconds(largeMs)} / ${milliseconds(halfMs)})`;
  ledger.check(`${framing.name}: ${shape.name}`, ratio <= MAX_RATIO, figure);
}

/** As many bytes as that, encoded by the framing. */
function encode(framing: Framing, shape: Shape, bytes: number): Uint8Array {
  const frameBytes = shape.frameBytes === 0 ? bytes : shape.frameBytes;
  const payload = new Uint8Array(frameBytes).fill(0x78);
  payload[0] = payload[frameBytes - 1] = 0x22;
  const parts: Uint8Array[] = [];
  const sink: ByteSink = { text: (part) => parts.push(Buffer.from(part)), bytes: (part) => parts.push(part) };
  for (let made = 0; made < bytes; made += frameBytes) framing.encode(payload, sink);
  return Buffer.concat(parts);
}

/**
 * How many milliseconds of processor time it takes to find all frames, and to read the text of each: other processes
 * can't take those away, as they take time.
 */
function decode(framing: Framing, shape: Shape, bytes: Uint8Array): number {
  const before = process.cpuUsage();
  for (let lap = 0; lap < (shape.laps ?? 1); lap++) decodeOnce(framing, shape, bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function decodeOnce(framing: Framing, { isOversized = false, chunkBytes }: Shape, bytes: Uint8Array): void {
  const decoder = framing.decoder(isOversized ? 1024 : 512 * MEGABYTE - 1);
  const codec = new JsonCodec();
  let found = 0;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    decoder.push(bytes.subarray(at, at + chunkBytes));
    for (let status = decoder.next(); status !== "more"; status = decoder.next()) {
      if (status === "frame") codec.decode(decoder.bytes, decoder.start, decoder.end);
      found += 1;
    }
  }
  if (found === 0) throw new Error("no frame was found");
}
