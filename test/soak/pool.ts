import type { Soak } from "./lib/contract.js";
import { milliseconds, type Ledger } from "./lib/ledger.js";
import { LoopLag } from "./lib/loop-lag.js";
import { percentile, percentilesInWords } from "./lib/statistics.js";
import { Callers, CALLERS } from "./pool/callers.js";
import { killPlainChild } from "./pool/plain-child.js";
import { OTHER_FAULTS } from "./pool/faults.js";
import { SIZE, underFaults } from "./pool/under-faults.js";

/** Of each other fault there are so many for each kill. */
const SHARE = 0.2;
/** What a request may be late by, beside the time in which the event loop stood still; a rejection as well. */
const LATE_MS = 50;
/** In short, beside the rest of the suite, the system is what is late. */
const SHORT_LATE_MS = 500;
/** With fewer of them, one that the system takes its time for decides. */
const JUDGED_KILLS = 200;
/** After so many kills a child is killed that is none of the pool's: what the system takes is not the pool's. */
const PLAIN_EVERY = 3;
const HEARTBEAT = { intervalMs: 50, timeoutMs: 50, misses: 3 } as const;

export const pool: Soak = {
  name: "pool",
  about: `N workers of a pool of ${SIZE} are killed with ${CALLERS} requests in flight, and others end in six other ways`,
  count: 1_000,
  short: 10,
  async run(kills, ledger, random, only) {
    const lag = new LoopLag();
    const callers = new Callers(lag, random);
    const others = OTHER_FAULTS.filter((fault) => only === undefined || fault === only);
    const order = others.flatMap((fault) => Array.from({ length: Math.ceil(kills * SHARE) }, () => fault));
    random.shuffle(order);
    if (only === undefined || only === "SIGKILL") await underKills(kills, callers, ledger, lag);
    if (order.length > 0) await underOthers(order, callers, ledger);
    lag.stop();

    for (const [outcome, times] of callers.outcomes) ledger.fact(`requests: ${outcome}`, times);
    const { issued, settled, punctuality, wrongAnswers } = callers;
    ledger.check("issued = settled", issued === settled, `${issued} = ${settled}`);
    ledger.none("answers that belong to another request", wrongAnswers, issued);
    const lateMs = kills < JUDGED_KILLS ? SHORT_LATE_MS : LATE_MS;
    ledger.none(`requests later than deadline + ${lateMs} ms + lag`, punctuality.laterThan(lateMs), issued);
    ledger.fact("latest after its deadline, lag taken off", milliseconds(punctuality.latestMs));
    ledger.fact("the event loop stood still for up to", milliseconds(lag.max));
    const lies = callers.lies();
    ledger.none("without idempotent: ran otherwise than told", lies.length, callers.witnessed);
    for (const lie of lies.slice(0, 10)) console.log(lie);
  },
};

/** No request is to blame for a kill, so those that may be sent again are answered, all of them. */
async function underKills(kills: number, callers: Callers, ledger: Ledger, lag: LoopLag): Promise<void> {
  const order = Array.from({ length: kills }, () => "SIGKILL");
  const plain: number[] = [];
  const beside = async (at: number): Promise<void> => {
    if (at % PLAIN_EVERY === 0) plain.push(await killPlainChild(lag));
  };
  const { stats, rejectionMs } = await underFaults(order, {}, callers, ledger, beside);
  const ends = stats.succeeded + stats.failed + stats.refused - stats.repeated;
  ledger.none("  requests settled twice, or never", Math.abs(callers.issued - ends), callers.issued);
  ledger.none("  idempotent and not answered", callers.unanswered("any"), callers.idempotent);
  const took = rejectionMs.get("SIGKILL") ?? [];
  ledger.fact("  kill to rejection", percentilesInWords(took));
  ledger.fact("  kill of a child without a pool to its exit", percentilesInWords(plain));
  const more = percentile(took, 99) - percentile(plain, 99);
  if (kills < JUDGED_KILLS) return;
  ledger.check(`  p99 of the pool is more by at most ${LATE_MS} ms`, more <= LATE_MS, milliseconds(more));
}

/** A request that is met by two of these is quarantined. Heartbeats are counted as requests. */
async function underOthers(order: readonly string[], callers: Callers, ledger: Ledger): Promise<void> {
  const { rejectionMs } = await underFaults(order, { heartbeat: HEARTBEAT }, callers, ledger);
  for (const [fault, took] of rejectionMs) ledger.fact(`  ${fault}: until a rejection`, percentilesInWords(took));
  const quarantined = callers.unanswered("QUARANTINED unknown");
  ledger.fact("  idempotent and quarantined", quarantined);
  ledger.none(
    "  idempotent, not answered, not quarantined",
    callers.unanswered("any") - quarantined,
    callers.idempotent,
  );
}
