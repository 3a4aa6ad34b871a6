// Runs in the page: draws the charts that stand there as JSON.
/** @import { LineChart } from "./charts.js" */

/**
 * The little of a browser that is used here.
 * @typedef {object} Place
 * @property {string} textContent
 * @property {number} clientWidth
 */
/**
 * @typedef {object} Plot
 * @property {() => void} redraw
 * @property {(size: { width: number, height: number }) => void} setSize
 */
/**
 * @typedef {object} Browser
 * @property {{ getElementById(id: string): Place, documentElement: Place }} document
 * @property {(element: Place) => { getPropertyValue(name: string): string }} getComputedStyle
 * @property {(query: string) => { addEventListener(type: "change", listener: () => void): void }} matchMedia
 * @property {(type: "resize", listener: () => void) => void} addEventListener
 * @property {new (options: object, data: unknown[], place: Place) => Plot} uPlot
 */

const { document, getComputedStyle, matchMedia, addEventListener, uPlot } = /** @type {Browser} */ (
  /** @type {unknown} */ (globalThis)
);

const HEIGHT = 420;

// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- JSDoc carries the type, and only the compiler reads it
const charts = /** @type {LineChart[]} */ (JSON.parse(document.getElementById("charts").textContent));
const plots = charts.map((chart, index) => draw(chart, document.getElementById(`chart-${index}`)));

addEventListener("resize", () => {
  for (const { plot, place } of plots) plot.setSize({ width: place.clientWidth, height: HEIGHT });
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { plot } of plots) plot.redraw();
});

/**
 * @param {LineChart} chart
 * @param {Place} place
 */
function draw(chart, place) {
  const xs = [...new Set(chart.lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const columns = chart.lines.map(({ points }) => {
    const known = new Map(points);
    return xs.map((x) => known.get(x) ?? null);
  });
  return { plot: new uPlot(optionsOf(chart, xs, place.clientWidth), [xs, ...columns], place), place };
}

/**
 * @param {LineChart} chart
 * @param {number[]} xs
 * @param {number} width
 */
function optionsOf({ y, xIsBytes, ticks, lines }, xs, width) {
  const labels = new Map(ticks);
  const range = [xs[0] ?? 0, xs.at(-1) ?? 1];
  const axis = { stroke: () => color("--text"), grid: { stroke: () => color("--line"), width: 1 } };
  return {
    width,
    height: HEIGHT,
    scales: {
      x: { time: false, range, ...(xIsBytes ? { distr: 3, log: 2 } : {}) },
      y: { distr: 3, log: 10 },
    },
    axes: [
      {
        ...axis,
        splits: () => ticks.map(([x]) => x).filter((x) => x <= (range[1] ?? 1)),
        values: (/** @type {unknown} */ _, /** @type {number[]} */ at) => at.map((x) => labels.get(x) ?? ""),
        filter: (/** @type {unknown} */ _, /** @type {number[]} */ at) => at,
      },
      {
        ...axis,
        label: y,
        size: 64,
        values: (/** @type {unknown} */ _, /** @type {(number | null)[]} */ at) =>
          at.map((value) => (value === null ? "" : short(value))),
      },
    ],
    series: [
      {
        label: xIsBytes ? "size" : "percentile",
        value: (/** @type {unknown} */ _, /** @type {number | null} */ x) => (x === null ? "" : nameOf(x, xIsBytes)),
      },
      ...lines.map(({ name, color: stroke, dash, width: strokeWidth, hidden }) => ({
        label: name,
        stroke,
        width: strokeWidth,
        ...(dash ? { dash: [6, 4] } : {}),
        show: !hidden,
        spanGaps: true,
        points: { show: xIsBytes, size: 6 },
        value: (/** @type {unknown} */ _, /** @type {number | null} */ value) => (value === null ? "" : short(value)),
      })),
    ],
  };
}

/**
 * @param {number} x
 * @param {boolean} isBytes
 */
function nameOf(x, isBytes) {
  if (!isBytes) return `${Number((100 - 100 / 10 ** x).toFixed(3))}%`;
  return x >= 1024 ? `${Math.round(x / 1024)} KiB` : `${x} B`;
}

/** @param {number} value */
function short(value) {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

/** @param {string} name */
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}
