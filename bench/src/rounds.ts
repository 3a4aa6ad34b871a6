import { HelperProcess } from "./helper-process.js";
import type { CpuPair } from "./pinning.js";
import type { Progress } from "./report/progress.js";
import type { Rival } from "./rivals/contract.js";
import type { Figures, Scenario } from "./scenarios/contract.js";
import { summarize, type Summary } from "./statistics.js";

export interface Pace {
  readonly rounds: number;
  readonly lapMs: number;
  readonly warmUpMs: number;
}

/** What one rival did in one scenario. */
export interface Cell {
  readonly scenario: string;
  readonly rival: string;
  readonly pinned: boolean;
  readonly laps: readonly Figures[];
  readonly summary: Summary;
  /** Why there are no figures, or fewer. */
  readonly failure?: string;
}

export interface Pairing {
  readonly scenario: Scenario;
  readonly rivals: readonly Rival[];
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
  const records = rivals.map((rival) => new Record(rival, helpers.of(rival)));
  for (let round = 0; round <= pace.rounds; round++) {
    for (const record of records) {
      progress.next(`${scenario.title}, ${round === 0 ? "warm-up" : `round ${round}`}: ${record.rival.name}`);
      await record.lap(scenario.id, round === 0 ? pace.warmUpMs : pace.lapMs, round > 0);
    }
  }
  return records.map((record) => record.cell(scenario, pinned));
}

/** The laps of one rival in one scenario. */
class Record {
  readonly rival: Rival;
  readonly #helper: HelperProcess;
  readonly #laps: Figures[] = [];
  #overall: Figures | undefined;
  #failure: string | undefined;

  constructor(rival: Rival, helper: HelperProcess) {
    this.rival = rival;
    this.#helper = helper;
  }

  async lap(scenario: string, milliseconds: number, counts: boolean): Promise<void> {
    const answer = await this.#helper.lap({ scenario, milliseconds, counts });
    if ("failure" in answer) this.#failure = answer.failure;
    else if (counts) {
      this.#laps.push(answer.figures);
      this.#overall = answer.overall;
    }
  }

  cell({ id, headline }: Scenario, pinned: boolean): Cell {
    const summary = summarize(this.#laps, headline, this.#overall);
    const cell = { scenario: id, rival: this.rival.id, pinned, laps: this.#laps, summary };
    return this.#failure === undefined ? cell : { ...cell, failure: this.#failure };
  }
}

/** The parent processes of one kind of scenario, pinned or not; they live until the run ends. */
class Helpers {
  readonly #cpus: CpuPair | undefined;
  readonly #helpers = new Map<string, HelperProcess>();

  constructor(cpus: CpuPair | undefined) {
    this.#cpus = cpus;
  }

  of(rival: Rival): HelperProcess {
    const helper = this.#helpers.get(rival.id) ?? new HelperProcess(rival, this.#cpus);
    this.#helpers.set(rival.id, helper);
    return helper;
  }

  stop(): void {
    for (const helper of this.#helpers.values()) helper.stop();
  }
}
