/** One page with everything in it: it opens without a network. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ScenarioInfo } from "../../scenarios/contract.js";
import { formatNumber } from "../layout.js";
import type { Results } from "../results.js";
import { allTables, type Table } from "../tables.js";
import type { Verdict } from "../targets.js";
import { failuresInWords, HOW_TO_READ, percent, pinningInWords, precisely, runInWords } from "../words.js";
import { barCharts, latencyCharts, payloadCharts, type BarChart, type LineChart } from "./charts.js";

const ENOUGH_FOR_ALL_COLUMNS = 100_000;

export function htmlOf(results: Results): string {
  const latencies = latencyCharts(results);
  const payloads = payloadCharts(results);
  const bars = (...sections: ScenarioInfo["section"][]): string =>
    grid(barCharts(results, sections).map((chart) => barCard(chart)));
  const body = [
    "<h1>Procwire: the benchmark</h1>",
    `<p>${escape(runInWords(results))}<br>${escape(pinningInWords(results.cpus))}</p>`,
    section("Targets", verdictTable(results.verdicts)),
    section("Latency", plotCards(latencies, 0), "Lower is better. Click a name to show or hide its line."),
    section("Throughput", bars("Throughput"), "Longer is better."),
    payloads.length === 0
      ? section("Payloads", bars("Payloads"))
      : section("Payloads", plotCards(payloads, latencies.length), "Higher is better. Both axes are logarithmic."),
    section("Arrays of numbers, start-up, memory, streams", bars("Arrays of numbers", "Start-up", "Memory", "Streams")),
    section("Compute", bars("Compute"), "Shorter is better. What algorithm runs, the row says."),
    section("All figures", tables(results), HOW_TO_READ),
    section("The rows", rowTable(results)),
  ];
  return page(body.join("\n"), [...latencies, ...payloads]);
}

function page(body: string, charts: readonly LineChart[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Procwire: the benchmark</title>
<link rel="icon" href="data:,">
<style>
${readFileSync(fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css")), "utf8")}
${readFileSync(new URL("page.css", import.meta.url), "utf8")}
</style>
</head>
<body>
${body}
<script type="application/json" id="charts">${JSON.stringify(charts).replaceAll("<", "\\u003c")}</script>
<script>
${readFileSync(fileURLToPath(import.meta.resolve("uplot/dist/uPlot.iife.min.js")), "utf8")}
</script>
<script type="module">
${readFileSync(new URL("plots.mjs", import.meta.url), "utf8")}
</script>
</body>
</html>
`;
}

function section(title: string, content: string, note = ""): string {
  if (content === "") return "";
  return `<h2>${escape(title)}</h2>\n${note === "" ? "" : `<p>${escape(note)}</p>\n`}${content}`;
}

function plotCards(charts: readonly LineChart[], first: number): string {
  return charts
    .map(
      ({ title }, index) => `<div class="card"><h3>${escape(title)}</h3><div id="chart-${first + index}"></div></div>`,
    )
    .join("\n");
}

function grid(cards: readonly string[]): string {
  return cards.length === 0 ? "" : `<div class="grid">\n${cards.join("\n")}\n</div>`;
}

function barCard({ title, unit, better, bars }: BarChart): string {
  const lines = bars.map(
    ({ name, value, share, spread, color }) =>
      `<div class="bar"><span>${escape(name)}</span>` +
      `<i style="width:${(share * 100).toFixed(1)}%;background:${color}"></i><b>${formatNumber(value)}</b><small>${escape(spread)}</small></div>`,
  );
  return `<div class="card"><h3>${escape(title)}, ${unit} (${better} is better)</h3>${lines.join("\n")}</div>`;
}

function verdictTable(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "";
  const rows = verdicts.map(
    ({ what, wanted, measured, met, missedBy }) =>
      `<tr><td>${escape(what)}</td><td>${escape(wanted)}</td><td>${precisely(measured)}</td>` +
      `<td class="${met ? "met" : "missed"}">${met ? "met" : `missed by ${percent(missedBy)}`}</td></tr>`,
  );
  const head = "<tr><th>target</th><th>wanted</th><th>measured</th><th></th></tr>";
  return `<div class="card scroll"><table>${head}\n${rows.join("\n")}</table></div>`;
}

function tables(results: Results): string {
  const failures = failuresInWords(results).map((line) => `<li>${escape(line)}</li>`);
  const all = allTables(results, ENOUGH_FOR_ALL_COLUMNS).map(tableCard);
  return [...all, failures.length === 0 ? "" : `<ul>${failures.join("")}</ul>`].join("\n");
}

function tableCard({ title, rows }: Table): string {
  const lines = rows.map((row, index) => {
    const cell = index === 0 ? "th" : "td";
    return `<tr>${row.map((text) => `<${cell}>${escape(text)}</${cell}>`).join("")}</tr>`;
  });
  return `<div class="card"><h3>${escape(title)}</h3><div class="scroll"><table>${lines.join("\n")}</table></div></div>`;
}

function rowTable({ rivals }: Results): string {
  const rows = rivals.map(
    ({ name, what }) => `<tr><td>${escape(name)}</td><td class="words">${escape(what)}</td></tr>`,
  );
  return `<div class="card"><table>${rows.join("\n")}</table></div>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
