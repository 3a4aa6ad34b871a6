/**
 * A small web service that hashes and factorizes, three times: with the work in its event loop, in threads, and in a pool of
 * Rust workers. It prints how late the event loop is under load, and how many requests are answered. With `--serve` it goes
 * on, with the pool, until Ctrl-C, and answers what was asked before it ends.
 */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { addressOf, startService, stopService } from "./service.js";
import { inPool, inTheLoop, inThreads, type Way } from "./ways.js";

const LOAD_MS = 500;
const RESOLUTION_MS = 2;

interface Measured {
  readonly perSecond: number;
  readonly delayMs: number;
}

async function measure(way: Way): Promise<Measured> {
  const server = await startService(way);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const load = fileURLToPath(new URL("./load.ts", import.meta.url));
  delay.enable();
  const args = [...process.execArgv, load, addressOf(server), String(LOAD_MS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  delay.disable();
  await stopService(server, way);
  const delayMs = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
  return { perSecond: Number(stdout) / (LOAD_MS / 1000), delayMs };
}

/** Until Ctrl-C, which does not reach the workers: what is under way is answered. */
async function serve(): Promise<void> {
  const way = await inPool();
  const server = await startService(way);
  console.log(`${addressOf(server)}/factorize?n=1000036000099 (Ctrl-C ends it)`);
  await new Promise((resolve) => process.once("SIGINT", resolve));
  console.log("Draining ...");
  await stopService(server, way);
}

if (process.argv.includes("--serve")) {
  await serve();
} else {
  console.log(`${"".padEnd(22)}requests/s   event loop late by, p99`);
  for (const open of [inTheLoop, inThreads, inPool]) {
    const way = await open();
    const { perSecond, delayMs } = await measure(way);
    assert(perSecond > 0, way.name);
    console.log(`${way.name.padEnd(22)}${perSecond.toFixed(0).padStart(10)}   ${delayMs.toFixed(1)} ms`);
  }
}
console.log("Done");
