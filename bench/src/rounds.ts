import { HelperProcess } from "./helper-process.js";
import type { CpuPair } from "./pinning.js";
import type { Cell } from "./report/results.js";
import type { Progress } from "./report/progress.js";
import type { Rival } from "./rivals/contract.js";
import type { Scenario } from "./scenarios/contract.js";
import { summarize, type CurvePoint, type Figures } from "./statistics.js";

export interface Pace {
  readonly quick: boolean;
  readonly rounds: number;
  readonly lapMs: number;
  readonly warmUpMs: number;
  /** On a busy machine there are fewer rounds rather than a run that takes longer, but never fewer than these. */
  readonly budgetMs: number;
  readonly fewestRounds: number;
}

export interface Pairing {
  readonly scenario: Scenario;
  readonly rivals: readonly Rival[];
}

export function countLaps(pairings: readonly Pairing[], pace: Pace): number {
  return pairings.reduce((total, { scenario, rivals }) => total + rivals.length * lapsOf(scenario, pace), 0);
}

/** Those that count, and the one that warms up. */
function lapsOf(scenario: Scenario, pace: Pace): number {
  return roundsOf(scenario, pace) + (warmsUp(scenario) ? 1 : 0);
}

function roundsOf({ maxRounds = Infinity, fresh = false }: Scenario, { quick, rounds }: Pace): number {
  return Math.min(quick && fresh ? 1 : rounds, maxRounds);
}

function warmsUp({ fresh = false, noWarmUp = false }: Scenario): boolean {
  return !fresh && !noWarmUp;
}

/**
 * Runs the scenarios, one after the other. Within one, the rivals take turns, a lap each: what disturbs the machine
 * for a while disturbs them all. The first lap of each warms up, and is forgotten.
 */
export async function runAll(
  pairings: readonly Pairing[],
  pace: Pace,
  cpus: CpuPair | undefined,
  progress: Progress,
): Promise<Cell[]> {
  const free = new Helpers(undefined);
  const pinned = new Helpers(cpus);
  const cells: Cell[] = [];
  try {
    for (const pairing of pairings) {
      const isPinned = pairing.scenario.pinned && cpus !== undefined;
      cells.push(...(await runScenario(pairing, pace, isPinned, isPinned ? pinned : free, progress)));
    }
  } finally {
    free.stop();
    pinned.stop();
  }
  return cells;
}

async function runScenario(
  { scenario, rivals }: Pairing,
  pace: Pace,
  pinned: boolean,
  helpers: Helpers,
  progress: Progress,
): Promise<Cell[]> {
  const records = rivals.map((rival) => new Record(rival, helpers));
  const wanted = roundsOf(scenario, pace);
  const fitting = Math.ceil(wanted * progress.shareThatFits(pace.budgetMs));
  const rounds = Math.min(wanted, Math.max(fitting, pace.fewestRounds));
  progress.skip((wanted - rounds) * rivals.length);
  for (let round = warmsUp(scenario) ? 0 : 1; round <= rounds; round++) {
    for (const record of records) {
      progress.next(`${scenario.title}, ${round === 0 ? "warm-up" : `round ${round}`}: ${record.rival.name}`);
      await record.lap(scenario, round === 0 ? pace.warmUpMs : pace.lapMs, round > 0, pace.quick);
    }
  }
  return records.map((record) => record.cell(scenario, pinned));
}

/** The laps of one rival in one scenario. */
class Record {
  readonly rival: Rival;
  readonly #helpers: Helpers;
  readonly #laps: Figures[] = [];
  #overall: Figures | undefined;
  #curve: CurvePoint[] | undefined;
  #failure: string | undefined;

  constructor(rival: Rival, helpers: Helpers) {
    this.rival = rival;
    this.#helpers = helpers;
  }

  async lap(scenario: Scenario, milliseconds: number, counts: boolean, quick: boolean): Promise<void> {
    if (this.#failure !== undefined) return;
    const helper = scenario.fresh === true ? this.#helpers.fresh(this.rival) : this.#helpers.of(this.rival);
    const answer = await helper.lap({ scenario: scenario.id, milliseconds, counts, quick });
    if (scenario.fresh === true) helper.stop();
    if ("failure" in answer) this.#failure = answer.failure;
    else if (counts) {
      this.#laps.push(answer.figures);
      this.#overall = answer.overall;
      this.#curve = answer.curve;
    }
  }

  cell({ id, headline }: Scenario, pinned: boolean): Cell {
    const summary = summarize(this.#laps, headline, this.#overall);
    return {
      ...{ scenario: id, rival: this.rival.id, pinned, laps: this.#laps, summary },
      ...(this.#curve === undefined ? {} : { curve: this.#curve }),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    };
  }
}

/** The parent processes of one kind of scenario, pinned or not; they live until the run ends. */
class Helpers {
  readonly #cpus: CpuPair | undefined;
  readonly #helpers = new Map<string, HelperProcess>();

  constructor(cpus: CpuPair | undefined) {
    this.#cpus = cpus;
  }

  /** One that has failed is replaced: what broke it may be the scenario. */
  of(rival: Rival): HelperProcess {
    const known = this.#helpers.get(rival.id);
    const helper = known === undefined || known.hasFailed ? this.fresh(rival) : known;
    this.#helpers.set(rival.id, helper);
    return helper;
  }

  /** One for a single lap; whoever gets it stops it. */
  fresh(rival: Rival): HelperProcess {
    return new HelperProcess(rival, this.#cpus);
  }

  stop(): void {
    for (const helper of this.#helpers.values()) helper.stop();
  }
}
