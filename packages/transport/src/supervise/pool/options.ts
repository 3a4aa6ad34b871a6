import { count, milliseconds, refuse } from "../../checks/kinds.js";
import { optionsOf, type Check, type OptionTable } from "../../checks/options.js";
import { timerMs } from "../options.js";
import type { PoolSize } from "./contract.js";

/** When a worker is replaced that has nothing wrong with it. The new one is started first. */
export interface RecycleOptions {
  /** It has been sent so many requests. */
  readonly afterRequests?: number | undefined;
  /** It has run for so many milliseconds. */
  readonly afterMs?: number | undefined;
  /** It holds more memory than this, in bytes; where the system tells (Linux). */
  readonly aboveBytes?: number | undefined;
}

export const RECYCLE_OPTIONS: OptionTable<RecycleOptions> = {
  afterRequests: count(1),
  afterMs: milliseconds,
  aboveBytes: count(1),
};

/** What a pool can be told beside the options of its channels. */
export interface PoolOptions {
  /** Default: one worker for each CPU that this process may use, less one for itself, and at least one. */
  readonly size?: PoolSize | undefined;
  /**
   * So many requests a worker gets at once; more wait for one that has room. Default: 64, and up to 1,024 for a worker that
   * answers that many within 20 ms.
   */
  readonly maxInFlightPerWorker?: number | undefined;
  /** After so many milliseconds without a request a worker above `size.min` is ended. Default 30,000. */
  readonly idleMs?: number | undefined;
  /** So many workers more are started and do nothing until another one ends, or one more is needed. Default 0. */
  readonly spares?: number | undefined;
  readonly recycle?: RecycleOptions | undefined;
}

interface SizeRange {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const SIZE_RANGE: OptionTable<SizeRange> = { min: count(1), max: count(1) };
const readRange = optionsOf<SizeRange>(SIZE_RANGE);
const readCount = count(1);

const size: Check<PoolSize> = Object.assign(
  (value: unknown, place: Parameters<typeof readRange>[1]): PoolSize => {
    if (typeof value === "number") return readCount(value, place);
    if (typeof value === "object" && value !== null) return readRange(value, place);
    return refuse(TypeError, value, place, "a number of workers, or a range such as { min: 1, max: 4 }");
  },
  { members: Object.keys(SIZE_RANGE) },
);

export const POOL_OPTIONS: OptionTable<PoolOptions> = {
  size,
  maxInFlightPerWorker: count(1),
  idleMs: timerMs(1),
  spares: count(0),
  recycle: optionsOf(RECYCLE_OPTIONS),
};

/** What `pool.resize` takes. Throws what is wrong with it. */
export function checkSize(given: unknown): PoolSize {
  return size(given, { where: "resize", name: "size" });
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Of one that is given alone the other follows. Throws a `RangeError` when they contradict each other. */
export function boundsOf(where: string, given: PoolSize, normal: number): Bounds {
  if (typeof given === "number") return { min: given, max: given };
  const min = given.min ?? Math.min(1, given.max ?? 1);
  const max = given.max ?? Math.max(normal, min);
  if (min <= max) return { min, max };
  throw new RangeError(`${where}: size.min (${min}) must not be above size.max (${max}).`);
}

/** The checked options, with the defaults filled in. */
export interface PoolPolicy {
  readonly bounds: Bounds;
  readonly maxInFlight: number;
  /** As many a worker may have that answers fast. */
  readonly maxInFlightFast: number;
  readonly idleMs: number;
  readonly spares: number;
  readonly recycle: { readonly afterRequests: number; readonly afterMs: number; readonly aboveBytes: number };
}

/** @param normal the number of workers that suits the machine */
export function resolvePool(where: string, options: PoolOptions, normal: number): PoolPolicy {
  const { afterRequests = Infinity, afterMs = Infinity, aboveBytes = Infinity } = options.recycle ?? {};
  return {
    bounds: boundsOf(where, options.size ?? normal, normal),
    maxInFlight: options.maxInFlightPerWorker ?? 64,
    maxInFlightFast: options.maxInFlightPerWorker ?? 1_024,
    idleMs: options.idleMs ?? 30_000,
    spares: options.spares ?? 0,
    recycle: { afterRequests, afterMs, aboveBytes },
  };
}
