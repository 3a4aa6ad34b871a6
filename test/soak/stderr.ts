import { createStdioChannel, type Channel } from "@procwire/transport";
import { rustWorker } from "../support/paths.js";
import type { Soak } from "./lib/contract.js";
import { count, milliseconds, type Ledger } from "./lib/ledger.js";
import { program } from "./lib/program.js";

const MEGABYTE = 1_000_000;
/** Calls at once. */
const WIDTH = 64;
const QUIET_LAP_MS = 500;
/** A flood as fast as it is read takes its part of two processors; a slower one should hardly be felt. */
const FLOODS = [
  { name: "100 MB a second", megabytesPerSecond: 100, leastShare: 0.25 },
  { name: "as fast as it is read", megabytesPerSecond: Infinity, leastShare: 0.1 },
] as const;

/** A worker, and beside it a process that floods the worker's stderr, as a chatty thread in it would. */
const SCRIPT = '"$1" "$2" "$3" "$4" >&2 & exec "$0" --quiet';

export const stderr: Soak = {
  name: "stderr",
  about: "calls go on while N MB arrive on the worker's stderr",
  count: 1_000,
  short: 50,
  async run(megabytes, ledger) {
    await quietLap();
    for (const flood of FLOODS) await flooded(megabytes * MEGABYTE, flood, ledger);
  },
};

async function flooded(bytes: number, flood: (typeof FLOODS)[number], ledger: Ledger): Promise<void> {
  const before = await quietLap();
  let received = 0;
  // To a function, line by line, as a logger would have it.
  const channel = await start(bytes, flood.megabytesPerSecond, (line) => (received += line.length + 1));
  const during = await lap(channel, () => received < bytes);
  await channel.close();
  const after = await quietLap();
  const share = during.perSecond / ((before.perSecond + after.perSecond) / 2);
  ledger.check(`${flood.name}: read to its end`, received === bytes, `${received} bytes`);
  ledger.fact("  which took", milliseconds(during.milliseconds));
  ledger.fact("  calls a second before, during, after", [before, during, after].map(inWords).join(", "));
  ledger.fact(
    "  longest wait for an answer",
    `${milliseconds(during.longestMs)}, quiet ${milliseconds(before.longestMs)}`,
  );
  ledger.check(`  calls in the flood, at least ${flood.leastShare}`, share >= flood.leastShare, share.toFixed(2));
}

interface Lap {
  readonly perSecond: number;
  readonly milliseconds: number;
  readonly longestMs: number;
}

async function start(bytes: number, megabytesPerSecond: number, onLine: (line: string) => void): Promise<Channel> {
  const flood = [process.execPath, program("flood.mjs"), String(bytes), String(megabytesPerSecond)];
  const args = ["-c", SCRIPT, rustWorker, ...flood];
  const channel = await createStdioChannel("sh", { args, stderr: onLine });
  await channel.request("echo", { message: "x" });
  return channel;
}

async function quietLap(): Promise<Lap> {
  const channel = await start(0, Infinity, () => undefined);
  const end = performance.now() + QUIET_LAP_MS;
  const result = await lap(channel, () => performance.now() < end);
  await channel.close();
  return result;
}

async function lap(channel: Channel, goesOn: () => boolean): Promise<Lap> {
  const started = performance.now();
  let calls = 0;
  let longestMs = 0;
  const callOnAndOn = async (): Promise<void> => {
    while (goesOn()) {
      const asked = performance.now();
      await channel.request("echo", { message: "x" }, { timeout: 10_000 });
      longestMs = Math.max(longestMs, performance.now() - asked);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, callOnAndOn));
  const took = performance.now() - started;
  return { perSecond: (calls * 1_000) / took, milliseconds: took, longestMs };
}

function inWords({ perSecond }: Lap): string {
  return count(Math.round(perSecond));
}
