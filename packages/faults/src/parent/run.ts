import { fillIn, type Target } from "../target.js";
import { Trial } from "./scenario.js";
import { scenarios } from "./scenarios/index.js";

/** How a worker did with one hostile parent. */
export interface ScenarioResult {
  readonly scenario: string;
  /** What that parent does; goes on from "a parent that ...". */
  readonly what: string;
  readonly must: string;
  /** Nothing: the worker did as it must. */
  readonly failures: readonly string[];
  /** What else was seen. */
  readonly notes: readonly string[];
  /** Memory that it took at most beyond that after its start; Linux only. */
  readonly growthMiB?: number;
  readonly milliseconds: number;
}

/**
 * Starts the worker under one hostile parent and says what it did.
 *
 * @throws {RangeError} there is no such scenario, or it needs another framing
 */
export async function runScenario(name: string, target: Target): Promise<ScenarioResult> {
  const full = fillIn(target);
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new RangeError(`There is no scenario named ${name}.`);
  if (scenario.framings?.includes(full.framing) === false) {
    throw new RangeError(`${name} needs the framing ${scenario.framings.join(" or ")}.`);
  }
  const trial = new Trial(full);
  const started = performance.now();
  await scenario.run(trial);
  const growthMiB = trial.growthBytes === undefined ? undefined : Math.max(0, trial.growthBytes / 2 ** 20);
  if (growthMiB !== undefined && growthMiB > full.maxGrowthMiB) {
    trial.fail(`took ${Math.round(growthMiB)} MiB of memory, more than ${full.maxGrowthMiB} MiB`);
  }
  return {
    ...{ scenario: name, what: scenario.what, must: scenario.must },
    ...{ failures: trial.failures, notes: trial.notes.filter((note) => note !== "") },
    ...(growthMiB === undefined ? {} : { growthMiB }),
    milliseconds: performance.now() - started,
  };
}
