import type { Soak } from "./lib/contract.js";
import { percentilesInWords } from "./lib/statistics.js";
import { LoopLag } from "./lib/loop-lag.js";
import { milliseconds } from "./lib/ledger.js";
import { Book } from "./kills/book.js";
import { Lane, type WorkerKind } from "./kills/lane.js";
import { startFaultyWorker } from "./lib/workers.js";
import { createStdioChannel } from "@procwire/transport";
import { faultyNode, faultyRust, type FaultyProgram } from "../support/faulty-programs.js";
import { rustWorker } from "../support/paths.js";

/** What a request may be late by, beside the time in which the event loop stood still. */
const LATE_MS = 50;
/** In short, as a part of the suite: beside other tests, on machines that others use. */
const SHORT_LATE_MS = 500;
/** A Node worker takes twenty times as long to start, so it gets the smaller share. */
const NODE_SHARE = 0.2;
const TWIN_SHARE = 0.4;

/** With this much beside each key, requests to a worker that is stopped soon find no room, and wait for it. */
const PADDING = "x".repeat(8_000);
const NARROW = { whenFull: "wait", limits: { maxQueuedBytes: 20_000 } } as const;

/** A worker that notes each request before it executes it. */
function faulty(name: string, program: FaultyProgram): WorkerKind {
  return {
    name,
    signals: ["SIGKILL", "SIGILL", "SIGABRT", "SIGTERM"],
    hasLog: true,
    start: (env) => startFaultyWorker({ env, ...NARROW }, program),
    slow: (key) => ({ method: "never", params: { key, padding: PADDING } }),
    quick: (key) => ({ method: "echo", params: { value: key, key, padding: PADDING } }),
    exit: (channel, random) => channel.notify("exit", { code: Math.floor(random.between(0, 256)) }),
  };
}

const rust: WorkerKind = {
  name: "rust",
  // No SIGSEGV: Rust looks whether the stack has overflown, and lives on when the signal came from outside.
  signals: ["SIGKILL", "SIGILL", "SIGABRT", "SIGTERM"],
  hasLog: false,
  // One slow call keeps its only thread busy and the others queue behind it; the machine is not to suffer for that.
  start: () =>
    createStdioChannel("nice", { args: ["-n", "19", rustWorker, "--quiet", "--threads", "1"], stderr: "ignore" }),
  slow: () => ({ method: "fibonacci_recursive", params: { n: 60 } }),
  quick: (key) => ({ method: "echo", params: { message: key } }),
  exit: (channel) => channel.notify("shutdown"),
};

export const kills: Soak = {
  name: "kills",
  about: "N kills, exits, stops, cancels and timeouts, with 64 requests in flight on each of three workers",
  count: 10_000,
  short: 200,
  async run(faults, ledger, random) {
    const lag = new LoopLag();
    const book = new Book(lag);
    const forNode = Math.round(faults * NODE_SHARE);
    const forTwin = Math.round(faults * TWIN_SHARE);
    await Promise.all([
      new Lane(faulty("node", faultyNode), book, random).run(forNode),
      new Lane(faulty("twin", faultyRust), book, random).run(forTwin),
      new Lane(rust, book, random).run(faults - forNode - forTwin),
    ]);
    lag.stop();

    for (const [fault, times] of book.faults) ledger.fact(`faults: ${fault}`, times);
    for (const [outcome, times] of book.outcomes) ledger.fact(`requests: ${outcome}`, times);
    ledger.fact("in flight when a worker was ended, least", book.leastInFlight);
    ledger.fact("end of a worker until its last rejection", percentilesInWords(book.endMs));
    ledger.fact("answers that came too late and were ignored", book.answersIgnored);
    ledger.check("issued = settled", book.issued === book.settled, `${book.issued} = ${book.settled}`);
    ledger.none("requests settled twice, or never", book.unbalanced, book.issued);
    ledger.none("answers that belong to another request", book.wrongAnswers, book.issued);
    const told = Object.entries(book.told);
    for (const [what, times] of told) ledger.check(`with an execution log, told as ${what}`, times > 0, times);
    const witnessed = told.reduce((sum, [, times]) => sum + times, 0);
    ledger.none("  executed otherwise than told", book.liesTold, witnessed);
    for (const lie of book.lies) console.log(lie);
    const lateMs = faults < kills.count ? SHORT_LATE_MS : LATE_MS;
    ledger.none(`requests later than deadline + ${lateMs} ms + lag`, book.laterThan(lateMs), book.issued);
    ledger.fact("latest after its deadline, lag taken off", milliseconds(book.latestMs));
    ledger.fact("the event loop stood still for up to", milliseconds(lag.max));
    ledger.none("faults that left a request or a process", book.leftovers, faults);
  },
};
