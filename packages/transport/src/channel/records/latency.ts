/** Sixteen steps per power of two: a value is known to about 6 %. */
const STEPS = 16;
const STEP_BITS = 4;
const POWERS = 40;

/**
 * Counts durations in buckets that widen with the duration, so that recording is an addition and percentiles over any
 * number of requests need a few kilobytes.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(POWERS * STEPS);
  #count = 0;
  #max = 0;

  /** @param milliseconds a duration >= 0 */
  record(milliseconds: number): void {
    const microseconds = Math.min(Math.max(Math.round(milliseconds * 1000), 0), 2 ** 31 - 1);
    const bucket = bucketOf(microseconds);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    if (milliseconds > this.#max) this.#max = milliseconds;
  }

  /** Counts what another has recorded. */
  add(other: LatencyHistogram): void {
    for (const [bucket, count] of other.#counts.entries()) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#count += other.#count;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Milliseconds that `percent` of the durations did not exceed; 0 while there are none. */
  percentile(percent: number): number {
    const wanted = (this.#count * percent) / 100;
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return Math.min(upperBoundOf(bucket) / 1000, this.#max);
    }
    return 0;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }
}

function bucketOf(value: number): number {
  if (value < STEPS) return value;
  const power = 31 - Math.clz32(value);
  const step = (value >>> (power - STEP_BITS)) & (STEPS - 1);
  return (power - STEP_BITS + 1) * STEPS + step;
}

function upperBoundOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const shift = Math.floor(bucket / STEPS) - 1;
  return (STEPS + (bucket % STEPS) + 1) * 2 ** shift - 1;
}
