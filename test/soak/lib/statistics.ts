/** The value below which `p` percent of the values lie; NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? NaN;
}

export function percentilesInWords(values: readonly number[]): string {
  const [p50, p99, max] = [50, 99, 100].map((p) => `${percentile(values, p).toFixed(1)} ms`);
  return `p50 ${String(p50)}, p99 ${String(p99)}, max ${String(max)} (${values.length} times)`;
}

export interface Slope {
  readonly slope: number;
  /** The slope lies within this distance with 95 % confidence. */
  readonly margin: number;
}

/** The straight line through the points by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const spreadX = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spreadX;
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  // Student's t for 20 degrees of freedom and more is at most 2.09.
  return { slope, margin: 2.09 * Math.sqrt(residual / (n - 2) / spreadX) };
}
