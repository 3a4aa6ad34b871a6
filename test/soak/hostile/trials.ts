import type { Random } from "../lib/random.js";
import { behaviours } from "./behaviours.js";
import { CODECS, exists, nameOf, SIDES, type Side, type Trial } from "./contract.js";
import { points } from "./points/index.js";

/** Every trial that there is. */
export function allTrials(): Trial[] {
  return points.flatMap((point) =>
    behaviours.flatMap((behaviour) =>
      SIDES.flatMap((side) => CODECS.map((codec) => ({ point, behaviour, side, codec })).filter(exists)),
    ),
  );
}

/** The trials whose names begin so, `point:behaviour:side:codec` or less of it; `*` stands for anything. */
export function trialsOf(start: string): Trial[] {
  const wanted = start.split(":");
  return allTrials().filter((trial) => {
    const parts = nameOf(trial).split(":");
    return wanted.every((part, at) => part === "*" || part === parts[at]);
  });
}

export function trialOf(name: string): Trial {
  const [trial] = trialsOf(name);
  if (trial === undefined) throw new Error(`there is no trial ${name}`);
  return trial;
}

/** Each point with each behaviour once in memory, with the codecs by turns; no random choice. */
export function shortTrials(every: number): Trial[] {
  const inMemory = allTrials().filter(({ side }) => side === "memory");
  return inMemory.filter((_, at) => at % every === 0);
}

/** Random trials; a child process costs as much as a hundred trials without one. */
export function randomTrials(count: number, random: Random): Trial[] {
  const all = allTrials();
  const of = (side: Side): Trial[] => all.filter((trial) => trial.side === side);
  const bySide = { memory: of("memory"), parent: of("parent"), worker: of("worker") };
  return Array.from({ length: count }, () => {
    const dice = random.next();
    const trials = bySide[dice < 0.9 ? "memory" : dice < 0.95 ? "parent" : "worker"];
    const [first, ...rest] = trials;
    if (first === undefined) throw new Error("there are no trials");
    return random.of([first, ...rest]);
  });
}
