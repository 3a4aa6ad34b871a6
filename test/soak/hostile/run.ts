import { createChannel, createMemoryByteLinks, type Channel } from "@procwire/transport";
import type { Ledger } from "../lib/ledger.js";
import { count } from "../lib/ledger.js";
import { LoopLag } from "../lib/loop-lag.js";
import { nameOf, type Trial } from "./contract.js";
import { watchTimers } from "./holdings.js";
import { isKnown, known, type Known } from "./known.js";
import { judge, type Surroundings, type Verdict } from "./trial.js";
import { Trouble } from "./trouble.js";

/** After so many trials that broke nothing something counts as mended. */
const TRIED_OFTEN = 10;

/**
 * Plays the trials one by one, so that whatever goes wrong belongs to one of them, and enters what was found.
 *
 * @param reachesAll false for a choice of trials by chance, in which hostile code may not be called at some points
 */
export async function playAll(
  trials: readonly Trial[],
  ledger: Ledger,
  { reachesAll }: { readonly reachesAll: boolean },
): Promise<void> {
  const tally = new Tally();
  const { error } = console;
  // The library prints what nobody else is told; hostile code makes it print a lot.
  console.error = () => undefined;
  watchTimers();
  const trouble = new Trouble();
  trouble.start();
  const surroundings = { lag: new LoopLag(), trouble, bystander: bystander() };
  for (const trial of trials) {
    tally.enter(trial, await judgeTwice(trial, surroundings));
  }
  trouble.stop();
  surroundings.lag.stop();
  await surroundings.bystander.close();
  console.error = error;
  tally.report(ledger, trials, reachesAll);
}

function bystander(): Channel {
  const [here, there] = createMemoryByteLinks();
  createChannel({ link: there }).onRequest("add", ({ a, b }: { readonly a: number; readonly b: number }) => a + b);
  return createChannel({ link: here });
}

/** A machine that others use makes a trial late now and then: what is broken is broken twice. */
async function judgeTwice(trial: Trial, surroundings: Surroundings): Promise<Verdict> {
  const verdict = await judge(trial, surroundings);
  return verdict.violations.some((violation) =>
    / ms after|too long|has not settled|not answer|can't be called/.test(violation),
  )
    ? judge(trial, surroundings)
    : verdict;
}

class Tally {
  readonly #broken: Trial[] = [];
  readonly #reached = new Set<string>();
  #calls = 0;
  #lived = 0;

  enter(trial: Trial, { violations, calls, wasReached, lived }: Verdict): void {
    this.#calls += calls;
    if (lived) this.#lived += 1;
    if (wasReached) this.#reached.add(trial.point.name);
    if (violations.length === 0) return;
    this.#broken.push(trial);
    if (!isKnown(trial)) console.log(`  ${nameOf(trial)}\n    ${violations.join("\n    ")}`);
  }

  /** Of what is known to be broken: what was tried often enough, and is not. */
  #mended(trials: readonly Trial[]): string[] {
    const matching = (all: readonly Trial[], { trials: names }: Known): number =>
      all.filter((trial) => names.test(nameOf(trial))).length;
    const isMended = (one: Known): boolean => matching(trials, one) >= TRIED_OFTEN && matching(this.#broken, one) === 0;
    return known.filter(isMended).map(({ because }) => because);
  }

  report(ledger: Ledger, trials: readonly Trial[], reachesAll: boolean): void {
    const points = new Set(trials.map(({ point }) => point.name));
    const asleep = [...points].filter((name) => !this.#reached.has(name));
    ledger.fact("points, behaviours", `${points.size}, ${new Set(trials.map(({ behaviour }) => behaviour.name)).size}`);
    for (const side of ["memory", "parent", "worker"] as const) {
      ledger.fact(`trials: ${side}`, trials.filter((trial) => trial.side === side).length);
    }
    ledger.fact("requests, notifications, streams, batches", this.#calls);
    ledger.fact("channels that lived on, and worked", this.#lived);
    const fresh = this.#broken.filter((trial) => !isKnown(trial));
    ledger.known("trials known to break a promise (known.ts)", this.#broken.length - fresh.length);
    ledger.none("trials that broke one beside these", fresh.length, trials.length);
    const mended = this.#mended(trials);
    ledger.check("entries of known.ts that break nothing any more", mended.length === 0, mended.length);
    for (const because of mended) console.log(`  strike it off: ${because}`);
    const reached = `${count(this.#reached.size)} of ${count(points.size)}`;
    if (!reachesAll) ledger.fact("points at which hostile code was called", reached);
    else ledger.check("points at which hostile code was called", asleep.length === 0, reached);
    if (reachesAll && asleep.length > 0) console.log(`  it was never called at: ${asleep.join(", ")}`);
  }
}
