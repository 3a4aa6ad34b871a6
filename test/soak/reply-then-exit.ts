import { createStdioChannel, type Channel } from "@procwire/transport";
import { faultyPrograms, type FaultyProgram } from "../support/faulty-programs.js";
import { typescript } from "../support/paths.js";
import type { Soak } from "./lib/contract.js";
import { inParallel } from "./lib/in-parallel.js";
import type { Ledger } from "./lib/ledger.js";
import type { Random } from "./lib/random.js";
import { startFaultyWorker, startRustWorker } from "./lib/workers.js";
import { program } from "./lib/program.js";

/** How many requests are under way when the worker is asked to exit. */
const PIPELINED = 40;
/** A worker through a loader takes long to start: a run in short has a tenth as many of them. */
const SHORT_BELOW = 100;

interface Counted {
  requests: number;
  lost: number;
  wrongExits: number;
}

export const replyThenExit: Soak = {
  name: "reply-then-exit",
  about: "N times for each worker, it answers and exits at once",
  count: 1_000,
  short: 30,
  async run(times, ledger, random) {
    const loaded = times < SHORT_BELOW ? times / 10 : times;
    for (const program of faultyPrograms) {
      await repeat(`${program.name}: an answer, and an exit`, times, ledger, (counted) =>
        answerAndExit(counted, random, program),
      );
    }
    await repeat("Rust: 40 requests, shutdown behind them", times, ledger, (counted) =>
      shutdownBehind(counted, random, startRustWorker(), "message"),
    );
    await repeat("serveStdio: 40 requests, shutdown behind them", loaded, ledger, (counted) =>
      shutdownBehind(counted, random, startServeStdio(), "value"),
    );
  },
};

async function repeat(
  title: string,
  times: number,
  ledger: Ledger,
  once: (counted: Counted) => Promise<void>,
): Promise<void> {
  const counted: Counted = { requests: 0, lost: 0, wrongExits: 0 };
  await inParallel(Math.ceil(times), 3, () => once(counted));
  ledger.fact(title, `${Math.ceil(times)} times`);
  ledger.none("  replies lost", counted.lost, counted.requests);
  ledger.none("  exits told wrongly", counted.wrongExits, Math.ceil(times));
}

async function answerAndExit(counted: Counted, random: Random, program: FaultyProgram): Promise<void> {
  const code = Math.floor(random.between(0, 256));
  // Small ones fit into the pipe, large ones don't.
  const value = "x".repeat(Math.floor(random.of([1, 1_000, 60_000, 200_000, 1_000_000])));
  const channel = await startFaultyWorker({}, program);
  await expectAnswer(counted, channel, "replyThenExit", { value, code }, value);
  await expectExit(counted, channel, code);
}

async function shutdownBehind(counted: Counted, random: Random, start: Promise<Channel>, name: string): Promise<void> {
  const channel = await start;
  const calls = Array.from({ length: PIPELINED }, (_, at) => {
    const value = `${at} ${"y".repeat(Math.floor(random.between(0, 20_000)))}`;
    return expectAnswer(counted, channel, "echo", { [name]: value }, value);
  });
  await channel.notify("shutdown");
  await Promise.all(calls);
  await expectExit(counted, channel, 0);
}

async function expectAnswer(
  counted: Counted,
  channel: Channel,
  method: string,
  params: object,
  expected: string,
): Promise<void> {
  counted.requests += 1;
  const answer = await channel.request<unknown>(method, params, { timeout: 20_000 }).catch((error: unknown) => error);
  if (answer === expected) return;
  counted.lost += 1;
  if (counted.lost <= 3) console.log("lost:", answer);
}

async function expectExit(counted: Counted, channel: Channel, code: number): Promise<void> {
  const reason = await channel.closed;
  if (reason.code !== "WORKER_EXITED" || reason.exitCode !== code) counted.wrongExits += 1;
  await channel.close();
}

function startServeStdio(): Promise<Channel> {
  return createStdioChannel(process.execPath, { args: typescript(program("serve-stdio.ts")), warnAfterMs: 60_000 });
}
