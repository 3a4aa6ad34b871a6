/** The targets that this project has set itself: ratios within one run. */
import { bestOf, BOUND } from "./bound.js";
import type { Results } from "./results.js";

type Measured = Pick<Results, "scenarios" | "cells">;

/** `undefined` where what it needs was not measured. */
type Measure = (figures: Reader) => number | undefined;

interface Target {
  readonly what: string;
  readonly limit: number;
  readonly wanted: "at least" | "at most" | "below";
  readonly unit?: string;
  readonly measure: Measure;
}

export interface Verdict {
  readonly what: string;
  readonly wanted: string;
  readonly measured: number;
  readonly met: boolean;
  /** How far off, as a share of the limit; 0 when met. */
  readonly missedBy: number;
}

const OURS = "procwire";
const BINARY = "procwire-msgpack";
const NODE = "procwire-node-worker";
const POOL = "procwire-pool-1";
const POOLS = ["pool-piscina-2", "pool-workerpool-2"];
const RAW = ["raw-pipe", "raw-pipe-polling"];
const IPC = ["node-ipc-json", "node-ipc-advanced"];
/** What a user would pick instead. */
const ALTERNATIVES = [
  "published",
  "vscode-jsonrpc",
  ...IPC,
  "mcp-sdk",
  "procwire-core",
  "piscina",
  "piscina-concurrent",
  "workerpool",
];

const TARGETS: readonly Target[] = [
  atLeast(0.9, "1000 in flight, of the hand-written loop", share("in-flight-1000", OURS, BOUND)),
  atLeast(8, "1000 in flight, times vscode-jsonrpc", share("in-flight-1000", OURS, ["vscode-jsonrpc"])),
  atLeast(2.5, "1000 in flight, times Node's IPC", share("in-flight-1000", OURS, IPC)),
  atLeast(0.85, "64 in flight, of the hand-written loop", share("in-flight-64", OURS, BOUND)),
  atMost(0.3, "1 in flight, p50, of the blocking raw pipe", share("latency", OURS, ["raw-pipe"])),
  atMost(2, "1 in flight, p50, of the polling raw pipe (the aim)", share("latency", OURS, ["raw-pipe-polling"])),
  atMost(2.5, "1 in flight, p50, a Node worker's, of the Rust worker's", share("latency", NODE, [OURS])),
  atLeast(0.8, "notifications, of the hand-written loop", share("notifications", OURS, BOUND)),
  below(1, "1 in flight, p99, of the best alternative", share("latency", OURS, ALTERNATIVES, "p99")),
  atLeast(1, "1 MiB string echo, of the hand-written loop", share("text-1MiB", OURS, BOUND)),
  ...["small", "chat", "chat-unicode", "rows", "rows-unicode", "tree", "tree-unicode"].map((shape) =>
    atLeast(0.9, `echo of a document (${shape}), of the hand-written loop`, share(`doc-${shape}`, OURS, BOUND)),
  ),
  atLeast(0.5, "1 MiB of bytes by MessagePack, of the raw pipe", share("bytes-1MiB", BINARY, RAW)),
  atLeast(0.6, "64 MiB of bytes by MessagePack, of the raw pipe", share("bytes-64MiB", BINARY, RAW)),
  atMost(0.2, "100,000 numbers as a Float64Array, of the time as JSON", ({ at }) =>
    divide(at("sum-typed-100k", BINARY), at("sum-100k", OURS)),
  ),
  atMost(1, "100,000 numbers as JSON, of the hand-written loop", share("sum-100k", OURS, BOUND)),
  atLeast(500_000, "items of a stream", ({ at }) => at("stream", OURS), "/s"),
  atMost(64, "growth of either side in a stream", ({ at }) => growthInStream(at), "MiB"),
  atMost(
    1.15,
    "CPU time of both per request, 1000 in flight, of the loop",
    share("in-flight-1000", OURS, BOUND, "cpuUs"),
  ),
  atMost(1.1, "CPU time per request, pool of one, 1000 in flight", share("in-flight-1000", POOL, [OURS], "cpuUs")),
  atMost(1.1, "CPU time per request, pool of one, 1 in flight", share("latency", POOL, [OURS], "cpuUs")),
  atMost(1.1, "CPU time per request, pool of one, 64 in flight", share("in-flight-64", POOL, [OURS], "cpuUs")),
  atLeast(1.85, "pool of 2, work for the CPU, of one worker", share("pool-compute", "pool-ours-2", ["pool-ours-1"])),
  atLeast(1, "pool of 2, factorize, of the best pool of others", share("pool-factorize", "pool-ours-2", POOLS)),
  atLeast(1, "pool of 2, hash, of the best pool of others", share("pool-hash", "pool-ours-2", POOLS)),
  atMost(16, "growth of the parent in 10 M requests", ({ at }) => at("memory-flat", OURS, "parent"), "MiB"),
  atMost(3, "memory for a 64 MiB string, of its size", ({ at }) => at("memory-64MiB-text", OURS)),
  atMost(3, "memory for 64 MiB of bytes, of their size", ({ at }) => at("memory-64MiB-bytes", BINARY)),
  atMost(1.15, "a request with timeout, of one without", slowdown("procwire-timeout")),
  atMost(1.15, "a request with signal, of one without", slowdown("procwire-signal")),
  atMost(
    3,
    "start to first answer, above the bare spawn",
    ({ at }) => minus(at("start-up", OURS), at("start-up", "bare-spawn")),
    "ms",
  ),
];

/** Judges the targets for which there are figures. */
export function judge(results: Measured): Verdict[] {
  const reader = new Reader(results);
  return TARGETS.flatMap(({ what, limit, wanted, unit = "", measure }) => {
    const measured = measure(reader);
    if (measured === undefined) return [];
    const met = wanted === "at least" ? measured >= limit : wanted === "at most" ? measured <= limit : measured < limit;
    const words = `${wanted} ${limit.toLocaleString("en-US")}${unit === "" ? "" : ` ${unit}`}`;
    return [{ what, wanted: words, measured, met, missedBy: met ? 0 : Math.abs(measured - limit) / limit }];
  });
}

class Reader {
  readonly #results: Measured;

  constructor(results: Measured) {
    this.#results = results;
  }

  readonly at = (scenario: string, rival: string, name?: string): number | undefined =>
    this.best(scenario, [rival], name);

  best(scenario: string, rivals: readonly string[], name?: string): number | undefined {
    const info = this.#results.scenarios.find(({ id }) => id === scenario);
    return info && bestOf(this.#results, info, rivals, name);
  }
}

function atLeast(limit: number, what: string, measure: Measure, unit = ""): Target {
  return { what, limit, wanted: "at least", unit, measure };
}

function atMost(limit: number, what: string, measure: Measure, unit = ""): Target {
  return { what, limit, wanted: "at most", unit, measure };
}

function below(limit: number, what: string, measure: Measure): Target {
  return { what, limit, wanted: "below", measure };
}

/** One rival's figure divided by the best of some others. */
function share(scenario: string, own: string, others: readonly string[], name?: string): Measure {
  return (reader) => divide(reader.at(scenario, own, name), reader.best(scenario, others, name));
}

/** How much longer a request takes in a variant, 1000 in flight. */
function slowdown(variant: string): Measure {
  return ({ at }) => divide(at("in-flight-1000", OURS), at("in-flight-1000", variant));
}

function growthInStream(at: Reader["at"]): number | undefined {
  const parent = at("stream", OURS, "parentGrowthMiB");
  const worker = at("stream", OURS, "workerGrowthMiB");
  return parent === undefined || worker === undefined ? undefined : Math.max(parent, worker);
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
