/** Figures by name. */
export type Figures = Readonly<Record<string, number>>;

/** A point of a latency curve: so many percent of the calls took at most so many microseconds. */
export type CurvePoint = readonly [percentile: number, microseconds: number];

export interface Summary {
  /** Of each figure: over all samples where the scenario keeps them, else the median of the laps. */
  readonly figures: Figures;
  /** The lowest and highest lap by the headline figure. */
  readonly low: number;
  readonly high: number;
}

export function summarize(laps: readonly Figures[], headline: string, overall?: Figures): Summary {
  const names = Object.keys(laps[0] ?? {});
  const medians = names.map((name) => [name, median(laps.map((lap) => lap[name] ?? NaN))] as const);
  const headlines = laps.map((lap) => lap[headline] ?? NaN);
  return {
    figures: { ...Object.fromEntries(medians), ...overall },
    low: Math.min(...headlines),
    high: Math.max(...headlines),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
