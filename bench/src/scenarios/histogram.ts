import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { CurvePoint, Figures } from "../statistics.js";

export const PERCENTILES = [
  ["p50", "p50, us"],
  ["p90", "p90, us"],
  ["p99", "p99, us"],
  ["p99.9", "p99.9, us"],
] as const;

const CURVE = [1, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99];

/** The latencies of one lap, or of all of them. */
export class Samples {
  readonly #nanoseconds: RecordableHistogram = createHistogram({ figures: 4 });

  /** @param milliseconds how long a call took */
  record(milliseconds: number): void {
    this.#nanoseconds.record(Math.max(1, Math.round(milliseconds * 1e6)));
  }

  add(other: Samples): void {
    this.#nanoseconds.add(other.#nanoseconds);
  }

  /** In microseconds. */
  figures(): Figures {
    return Object.fromEntries(PERCENTILES.map(([name]) => [name, this.#at(Number(name.slice(1)))]));
  }

  /** Without what so few samples can't tell. */
  curve(): CurvePoint[] {
    const { count } = this.#nanoseconds;
    return CURVE.filter((percentile) => count * (1 - percentile / 100) >= 1).map((at) => [at, this.#at(at)]);
  }

  #at(percentile: number): number {
    return this.#nanoseconds.percentile(percentile) / 1e3;
  }
}
