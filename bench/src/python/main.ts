/**
 * The Python worker: requests per second beside a hand-written loop and beside the MCP SDK for Python, all behind our
 * channel; and how soon a ping and a cancel are heard while a handler computes. `npm run bench:python`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createStdioChannel, mcp, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { describeMachine, machineInWords } from "../machine.js";

const ROUNDS = 5;
const LAP_MS = 1_000;
const CALLERS = 64;
const PROBES = 40;
/** Of the hand-written loop. */
const WANTED = 0.7;
const WANTED_MS = { ping: 20, cancel: 50 };

const python = ["python3", "python"].find((name) => spawnSync(name, ["--version"]).status === 0);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Row {
  readonly name: string;
  readonly open: () => Promise<Channel>;
  readonly add: (channel: Channel, a: number) => Promise<unknown>;
  readonly rates: number[];
}

if (python === undefined) console.log("skipped: there is no Python here");
else await main(python);

async function main(command: string): Promise<void> {
  const open = (file: string, options: StdioChannelOptions = {}): Promise<Channel> =>
    createStdioChannel(command, {
      args: [here(file), here("../../../python")],
      stderr: "ignore",
      shutdown: { graceMs: 500 },
      ...options,
    });
  const add = (channel: Channel, a: number): Promise<unknown> => channel.request("add", { a, b: 1 });
  const rows: Row[] = [
    { name: "hand-written loop", open: () => open("loop.py"), add, rates: [] },
    { name: "procwire", open: () => open("worker.py"), add, rates: [] },
  ];
  const hasMcp = spawnSync(command, ["-c", "import mcp.server.fastmcp"]).status === 0;
  if (hasMcp) {
    const call = (channel: Channel, a: number): Promise<unknown> =>
      channel.request("tools/call", { name: "add", arguments: { a, b: 1 } });
    rows.push({ name: "MCP SDK for Python", open: () => openMcp(open), add: call, rates: [] });
  }
  console.log(machineInWords(describeMachine()));
  for (let round = 0; round < ROUNDS; round += 1) for (const row of rows) row.rates.push(await lap(row));
  printRates(rows);
  if (!hasMcp) console.log("MCP SDK for Python: skipped, because this Python has no package mcp");
  await printLatencies(() => open("worker.py"));
}

async function openMcp(open: (file: string, options: StdioChannelOptions) => Promise<Channel>): Promise<Channel> {
  const channel = await open("mcp_server.py", { dialect: mcp });
  const clientInfo = { name: "bench", version: "1.0.0" };
  await channel.request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  await channel.notify("notifications/initialized");
  return channel;
}

/** Answers per second, with so many requests in flight. */
async function lap({ open, add }: Row): Promise<number> {
  const channel = await open();
  try {
    await add(channel, 0);
    let answered = 0;
    const started = performance.now();
    const caller = async (): Promise<void> => {
      for (; performance.now() - started < LAP_MS; answered += 1) await add(channel, answered);
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    return answered / ((performance.now() - started) / 1000);
  } finally {
    await channel.close();
  }
}

function printRates(rows: readonly Row[]): void {
  const loop = median(rows[0]?.rates ?? []);
  console.log(`\nrequests per second, ${CALLERS} in flight: the median of ${ROUNDS} rounds of ${LAP_MS} ms, in turns`);
  for (const { name, rates } of rows) {
    const ratio = median(rates) / loop;
    const wanted = name === "procwire" ? `, wanted ${WANTED}: ${ratio >= WANTED ? "met" : "missed"}` : "";
    console.log(`${name.padEnd(20)} ${Math.round(median(rates))}/s, of the loop ${ratio.toFixed(2)}${wanted}`);
  }
}

/** Each probe has a handler that has just begun to compute, which is when the reader is busy with it. */
async function printLatencies(open: () => Promise<Channel>): Promise<void> {
  const channel = await open();
  const pings: number[] = [];
  const cancels: number[] = [];
  for (let probe = 0; probe < PROBES; probe += 1) {
    const controller = new AbortController();
    const computing = channel.request("compute", {}, { signal: controller.signal }).catch(() => undefined);
    pings.push(await timed(() => channel.request("$/ping")));
    controller.abort();
    await computing;
    // Answered when the cancel has been read: the two come in order.
    cancels.push(await timed(() => channel.request("$/ping")));
  }
  await channel.close();
  console.log(`\nwhile a handler computes, milliseconds until it is heard, of ${PROBES}`);
  for (const [name, samples] of Object.entries({ ping: pings, cancel: cancels })) {
    samples.sort((a, b) => a - b);
    const words = [0.5, 0.9, 1].map((part) => samples[Math.ceil(part * samples.length) - 1]?.toFixed(1));
    const wanted = WANTED_MS[name as keyof typeof WANTED_MS];
    console.log(`${name.padEnd(8)} p50 ${words[0]}, p90 ${words[1]}, the longest ${words[2]}; wanted ${wanted}`);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
