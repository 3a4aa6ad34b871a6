import type { FramingName, FullTarget } from "../target.js";
import { Worker, type Heard } from "./worker.js";

/** One way in which a parent is hostile. */
export interface Scenario {
  readonly name: string;
  /** Goes on from "a parent that ...". */
  readonly what: string;
  /** What a worker must do then. */
  readonly must: string;
  /** Where it makes sense with some framings only. */
  readonly framings?: readonly FramingName[];
  run(trial: Trial): Promise<void>;
}

/** What one scenario found. */
export class Trial {
  readonly target: FullTarget;
  readonly failures: string[] = [];
  readonly notes: string[] = [];
  growthBytes: number | undefined;

  constructor(target: FullTarget) {
    this.target = target;
  }

  fail(what: string): void {
    this.failures.push(what);
  }

  note(what: string): void {
    this.notes.push(what);
  }

  expect(holds: boolean, what: string): void {
    if (!holds) this.fail(what);
  }

  /** A worker that has answered once; it is ended after this. */
  async withWorker(act: (worker: Worker) => Promise<void>, readsStderr = true): Promise<void> {
    const worker = new Worker(this.target, readsStderr);
    try {
      if (await worker.greet()) await act(worker);
      else this.fail(worker.ending ?? `does not answer its first request within ${this.target.patienceMs} ms`);
      this.growthBytes = worker.growth();
    } finally {
      worker.end();
    }
  }

  /** Its parent has ended: it must be gone in time. */
  async expectGone(worker: Worker, when: string): Promise<void> {
    this.growthBytes = worker.growth();
    const took = await worker.waitUntilGone(this.target.goneWithinMs);
    if (took === undefined) this.fail(`still there ${this.target.goneWithinMs} ms after ${when}`);
    else this.note(`${worker.ending ?? "gone"} ${Math.round(took)} ms after ${when}`);
  }
}

interface Attack {
  readonly name: string;
  readonly what: string;
  readonly must?: string;
  readonly framings?: readonly FramingName[];
  readonly isStderrUnread?: boolean;
  act(worker: Worker, trial: Trial): Promise<void> | void;
}

/** After what is done to it, the worker must answer the next request, and end with its stdin. */
export function servesOn(attack: Attack): Scenario {
  return scenario(attack, attack.must ?? "serves on", async (worker, trial) => {
    if (await worker.serves()) trial.note("serves on");
    else trial.fail(worker.ending ?? `does not answer the next request within ${trial.target.patienceMs} ms`);
  });
}

/** The stream of bytes is broken for good: the worker may serve on or end, but not hang. */
export function servesOrEnds(attack: Attack): Scenario {
  return scenario(attack, attack.must ?? "serves on, or ends", async (worker, trial) => {
    const serves = await worker.serves();
    if (serves) trial.note("serves on");
    else if (!worker.hasEnded) trial.fail(`neither answers nor ends within ${trial.target.patienceMs} ms`);
  });
}

function scenario(attack: Attack, must: string, after: (worker: Worker, trial: Trial) => Promise<void>): Scenario {
  const { name, what, framings, isStderrUnread = false } = attack;
  return {
    ...{ name, what, must },
    ...(framings === undefined ? {} : { framings }),
    run: (trial) =>
      trial.withWorker(async (worker) => {
        await attack.act(worker, trial);
        await after(worker, trial);
        trial.growthBytes = worker.growth();
        if (worker.noise.length > 0) trial.note(`printed ${worker.noise.length} frames that are no JSON`);
        if (worker.hasEnded) {
          if (trial.failures.length === 0) trial.note(worker.ending ?? "ended");
          return;
        }
        worker.endStdin();
        await trial.expectGone(worker, "the end of its stdin");
      }, !isStderrUnread),
  };
}

/** `-32601`, `a result`, `an error without a code`. */
export function inWords({ error, result }: Heard): string {
  if (typeof error?.code === "number") return String(error.code);
  if (error !== undefined) return "an error without a code";
  return result === undefined ? "neither a result nor an error" : "a result";
}

/** What was answered, each once and how often. */
export function summary(answers: readonly Heard[]): string {
  if (answers.length === 0) return "no answer";
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(inWords(answer), (counts.get(inWords(answer)) ?? 0) + 1);
  const parts = [...counts].map(([words, count]) => (count === 1 ? words : `${count} x ${words}`));
  return `answered ${parts.join(", ")}`;
}
