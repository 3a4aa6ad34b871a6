import type { Channel } from "@procwire/transport";
import type { Soak } from "./lib/contract.js";
import { count } from "./lib/ledger.js";
import { slopeOf } from "./lib/statistics.js";
import { startRustWorker } from "./lib/workers.js";

const WIDTH = 64;
const SAMPLES = 40;
/** The engine compiles for a while, and takes memory for that: the second half is judged. */
const WARM_UP_REQUESTS = 100_000;
/** Growth that may be left by chance: a request that is kept takes more than its share of it. */
const CHANCE_BYTES = 256 * 1024;

export const memory: Soak = {
  name: "memory",
  about: "the heap after N requests, sampled after forced collections",
  count: 5_000_000,
  short: 200_000,
  async run(requests, ledger) {
    const channel = await startRustWorker({ timeout: 60_000 });
    const shared = new AbortController();
    await send(channel, WARM_UP_REQUESTS, shared.signal);
    const samples: [number, number][] = [[0, await heapUsed()]];
    const rss = process.memoryUsage.rss();
    for (let sample = 1; sample <= SAMPLES; sample++) {
      await send(channel, requests / SAMPLES, shared.signal);
      samples.push([(requests * sample) / SAMPLES, await heapUsed()]);
    }
    const { slope, margin } = slopeOf(samples.slice(SAMPLES / 2));
    const per1000 = (bytes: number): string => `${count(bytes * 1_000)} bytes`;
    ledger.fact(
      "heap at the start, in the middle, at the end",
      [0, SAMPLES / 2, SAMPLES].map((at) => kib(samples[at]?.[1])).join(", "),
    );
    ledger.fact("growth per 1,000 requests", `${per1000(slope)} +- ${per1000(margin)} (95 %)`);
    ledger.fact("verdict", Math.abs(slope) <= margin ? "not distinguishable from zero" : "not zero");
    const least = (Math.max(0, slope - margin) * requests) / 2;
    ledger.check("growth in the second half, at least", least <= CHANCE_BYTES, `${count(least)} bytes`);
    ledger.fact("resident memory", `${kib(rss)}, ${kib(process.memoryUsage.rss())} at the end`);
    ledger.check("in flight at the end", channel.stats().inFlight === 0, channel.stats().inFlight);
    await channel.close();
  },
};

/** Every tenth with a signal, every hundredth cancelled. */
async function send(channel: Channel, requests: number, shared: AbortSignal): Promise<void> {
  let sent = 0;
  const callOnAndOn = async (): Promise<void> => {
    while (sent < requests) {
      sent += 1;
      if (sent % 100 === 0) await cancelled(channel);
      else await channel.request("echo", { message: "x" }, sent % 10 === 0 ? { signal: shared } : undefined);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, callOnAndOn));
}

async function cancelled(channel: Channel): Promise<void> {
  const controller = new AbortController();
  const call = channel.request("echo", { message: "y" }, { signal: controller.signal }).catch(() => undefined);
  controller.abort("enough");
  await call;
}

async function heapUsed(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("memory needs node --expose-gc");
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    // What is kept until the end of a turn, or finalized in the next one, is found by the next collection.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

function kib(bytes: number | undefined): string {
  return `${count((bytes ?? NaN) / 1024)} KiB`;
}
