import { createStdioChannel, type Channel } from "@procwire/transport";
import { typescript } from "../support/paths.js";
import type { Soak } from "./lib/contract.js";
import { inParallel } from "./lib/in-parallel.js";
import { count, type Ledger } from "./lib/ledger.js";
import { LoopLag } from "./lib/loop-lag.js";
import { program } from "./lib/program.js";
import { startRustWorker } from "./lib/workers.js";

const MEGABYTE = 1_000_000;
const STANDSTILL_MS = 2_000;
const VALUE_BYTES = 250_000;
/** So many values at once are more than the pipes hold, and less than a worker keeps for a parent that does not read. */
const WIDTH = 240;

export const bothWays: Soak = {
  name: "both-ways",
  about: "N MB go to the worker while as many and more come back, with each worker",
  count: 1_000,
  short: 100,
  async run(megabytes, ledger) {
    const rust = await startRustWorker({ whenFull: "wait", timeout: 120_000 });
    await watched("Rust", rust, ledger, () => echo(rust, "message", megabytes));
    const node = await createStdioChannel(process.execPath, {
      args: typescript(program("serve-stdio.ts")),
      whenFull: "wait",
      timeout: 120_000,
    });
    await watched("serveStdio", node, ledger, async () => {
      const flood = { count: (megabytes * MEGABYTE) / VALUE_BYTES, bytes: VALUE_BYTES };
      await Promise.all([echo(node, "value", megabytes), node.request("flood", flood), read(node, flood)]);
    });
  },
};

async function watched(name: string, channel: Channel, ledger: Ledger, work: () => Promise<unknown>): Promise<void> {
  let notified = 0;
  channel.onNotification("flooded", ({ value }: { readonly value: string }) => (notified += value.length));
  const lag = new LoopLag();
  const watch = new Watch(channel, lag);
  const started = performance.now();
  const failure = await work().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : "a failure that is no error"),
  );
  const seconds = (performance.now() - started) / 1_000;
  watch.stop();
  lag.stop();
  const received = channel.stats().bytesReceived / MEGABYTE;
  ledger.check(`${name}: all of it arrived`, failure === undefined, failure ?? "yes");
  ledger.fact(
    `${name}: came back`,
    `${count(received)} MB in ${count(seconds)} s, of it notified ${count(notified / MEGABYTE)} MB`,
  );
  ledger.check(`${name}: longest standstill`, watch.longestMs < STANDSTILL_MS, `${count(watch.longestMs)} ms`);
  ledger.fact(`${name}: this event loop stood still for up to`, `${count(lag.max)} ms`);
  ledger.check(`${name}: in flight at the end`, channel.stats().inFlight === 0, channel.stats().inFlight);
  await channel.close();
}

/** Echoes of large strings, sent without waiting for each other; each is compared. */
async function echo(channel: Channel, name: string, megabytes: number): Promise<void> {
  await inParallel((megabytes * MEGABYTE) / VALUE_BYTES, WIDTH, async (round) => {
    const value = `${round} `.padEnd(VALUE_BYTES, "e");
    if ((await channel.request<unknown>("echo", { [name]: value })) !== value)
      throw new Error("another echo came back");
  });
}

async function read(channel: Channel, params: { readonly count: number }): Promise<void> {
  let items = 0;
  for await (const item of channel.stream<string>("items", params)) if (item.length === VALUE_BYTES) items += 1;
  if (items !== params.count) throw new Error(`the stream had ${items} items of ${params.count}`);
}

/** Looks whether anything leaves or arrives. What this event loop stands still is not counted: then it works. */
class Watch {
  readonly #channel: Channel;
  readonly #lag: LoopLag;
  #longestMs = 0;
  #since = performance.now();
  #seen = "";
  readonly #timer = setInterval(() => {
    this.#look();
  }, 20);

  constructor(channel: Channel, lag: LoopLag) {
    this.#channel = channel;
    this.#lag = lag;
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const { bytesReceived, requestsSent, queuedBytes } = this.#channel.stats();
    const seen = [bytesReceived, requestsSent, queuedBytes].join();
    this.#longestMs = Math.max(this.#longestMs, now - this.#since - this.#lag.between(this.#since, now));
    if (seen !== this.#seen) this.#since = now;
    this.#seen = seen;
  }
}
