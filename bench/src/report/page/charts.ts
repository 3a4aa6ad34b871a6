/** What the page plots, as data. */
import { bestOf } from "../bound.js";
import { figureOf, findCell, rivalsIn, spreadOf, type Results, type RivalInfo } from "../results.js";
import type { ScenarioInfo } from "../../scenarios/contract.js";
import { lookOf, type Look } from "./looks.js";

export interface Line extends Look {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  readonly title: string;
  readonly y: string;
  /** True where x is bytes and runs by powers of two; else it is as it is. */
  readonly xIsBytes: boolean;
  readonly ticks: readonly (readonly [x: number, label: string])[];
  readonly lines: readonly Line[];
}

export interface Bar extends Look {
  readonly name: string;
  readonly value: number;
  /** Of the longest bar. */
  readonly share: number;
  readonly spread: string;
}

export interface BarChart {
  readonly title: string;
  readonly unit: string;
  readonly better: ScenarioInfo["better"];
  readonly bars: readonly Bar[];
}

const PERCENTILE_TICKS = [50, 90, 99, 99.9, 99.99];
const MIB = 1024 * 1024;

/** Percentiles from left to right, each nine as wide as the one before. */
export function latencyCharts(results: Results): LineChart[] {
  return results.scenarios.flatMap((scenario) => {
    const lines = rivalsIn(results, [scenario]).flatMap((rival) => {
      const { curve = [] } = findCell(results, scenario.id, rival.id) ?? {};
      const points = curve.map(([percentile, latency]) => [nines(percentile), latency] as const);
      return points.length === 0 ? [] : [lineOf(rival, points)];
    });
    if (lines.length === 0) return [];
    const ticks = PERCENTILE_TICKS.map((percentile) => [nines(percentile), `${percentile}%`] as const);
    return [{ title: scenario.title, y: "microseconds", xIsBytes: false, ticks, lines }];
  });
}

function nines(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

/** One chart for each kind of payload. */
export function payloadCharts(results: Results): LineChart[] {
  const scenarios = results.scenarios.filter(({ section }) => section === "Payloads");
  const kinds = [...new Set(scenarios.map(({ id }) => id.split("-")[0] ?? ""))];
  return kinds.flatMap((kind) => {
    const sizes = scenarios.filter(({ id }) => id.startsWith(`${kind}-`));
    if (sizes.length < 2) return [];
    const lines = rivalsIn(results, sizes).map((rival) =>
      lineOf(
        rival,
        sizes.flatMap(({ id, headline, payload = 0 }) => {
          const rate = figureOf(findCell(results, id, rival.id), headline);
          return rate === undefined ? [] : [[payload, rate] as const];
        }),
      ),
    );
    const title = `${(sizes[0]?.title ?? kind).split(" ")[0]} payloads there and back`;
    const ticks = sizes.map(({ payload = 0 }) => [payload, bytesInWords(payload)] as const);
    return [{ title, y: "MiB/s", xIsBytes: true, ticks, lines: lines.filter(({ points }) => points.length > 0) }];
  });
}

function bytesInWords(bytes: number): string {
  if (bytes >= MIB - 1024) return `${Math.round(bytes / MIB)} MiB`;
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`;
}

function lineOf({ id, name }: RivalInfo, points: Line["points"]): Line {
  return { ...lookOf(id), name, points };
}

/** For everything that the other charts don't show. */
export function barCharts(results: Results, sections: readonly ScenarioInfo["section"][]): BarChart[] {
  return results.scenarios
    .filter(({ section }) => sections.includes(section))
    .map((scenario) => {
      const { id, title, unit, better, headline } = scenario;
      const longest = Math.max(
        ...rivalsIn(results, [scenario]).map((rival) => bestOf(results, scenario, [rival.id]) ?? 0),
      );
      const bars = rivalsIn(results, [scenario]).flatMap((rival) => {
        const cell = findCell(results, id, rival.id);
        const value = figureOf(cell, headline);
        if (cell === undefined || value === undefined) return [];
        const range = spreadOf(cell, headline);
        const spread = range === undefined ? "" : `±${Math.round(range * 100)}%`;
        return [{ ...lookOf(rival.id), name: rival.name, value, share: Math.max(0, value / longest), spread }];
      });
      return { title, unit, better, bars };
    })
    .filter(({ bars }) => bars.length > 0);
}
