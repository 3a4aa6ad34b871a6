/**
 * Runs one soak: `npm run soak -- NAME [--count N] [--short] [--seed N] [--only PART]`. Ends with code 1 when a check of
 * its ledger fails, a warning is printed, or a promise is rejected unheard.
 */

import { parseArgs } from "node:util";
import { bothWays } from "./both-ways.js";
import { crashLoop } from "./crash-loop.js";
import { cycles } from "./cycles.js";
import { hostile } from "./hostile.js";
import { kills } from "./kills.js";
import type { Soak } from "./lib/contract.js";
import { count, Ledger } from "./lib/ledger.js";
import { Random } from "./lib/random.js";
import { linear } from "./linear.js";
import { memory } from "./memory.js";
import { orphans } from "./orphans.js";
import { pool } from "./pool.js";
import { forgetReport, writeReport } from "./lib/report.js";
import { replyThenExit } from "./reply-then-exit.js";
import { rustClient } from "./kills/rust-client.js";
import { services } from "./services.js";
import { stderr } from "./stderr.js";

const soaks: readonly Soak[] = [
  kills,
  replyThenExit,
  orphans,
  cycles,
  memory,
  bothWays,
  stderr,
  linear,
  hostile,
  services,
  pool,
  crashLoop,
  rustClient,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: "string" },
    only: { type: "string" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    short: { type: "boolean", default: false },
  },
});
const chosen = soaks.find(({ name }) => name === positionals[0]);
if (chosen === undefined) {
  console.error("Usage: npm run soak -- NAME [--count N] [--short] [--seed N] [--only PART]\n");
  for (const { name, about } of soaks) console.error(`  ${name.padEnd(18)}${about}`);
  process.exitCode = 1;
} else {
  process.exitCode = await run(chosen, Number(values.count ?? (values.short ? chosen.short : chosen.count)));
}

async function run(soak: Soak, times: number): Promise<number> {
  const random = new Random(Number(values.seed));
  const many = values.only === undefined ? count(times) : `(${values.only})`;
  console.log(`${soak.name}: ${soak.about.replace("N", many)} (seed ${random.seed}, Node ${process.version})`);
  const ledger = new Ledger(console.log);
  // A part of a soak says nothing of the whole, and the short ones are the suite's.
  const isWhole = values.only === undefined && !values.short;
  if (isWhole) forgetReport(soak.name);
  const trouble: unknown[] = [];
  const onTrouble = (what: unknown): void => void trouble.push(what);
  if (soak.judgesTrouble !== true) process.on("warning", onTrouble).on("unhandledRejection", onTrouble);
  const started = performance.now();
  await soak.run(times, ledger, random, values.only);
  // A rejection is unhandled when nobody took it by the end of its turn.
  await new Promise((resolve) => setImmediate(resolve));
  ledger.check("warnings and unhandled rejections", trouble.length === 0, trouble.length);
  for (const what of trouble) console.log(what);
  ledger.fact("took", `${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (isWhole) writeReport({ name: soak.name, times, seed: random.seed, entries: ledger.entries });
  return ledger.failures === 0 ? 0 : 1;
}
