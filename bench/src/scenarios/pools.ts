import { isDeepStrictEqual } from "node:util";
import { assertCan, type Capable, type Session, type Work } from "../rivals/contract.js";
import { digestOf } from "../rivals/procwire-pool.js";
import type { Figures, Lap, Scenario } from "./contract.js";
import { PERCENTILES, Samples } from "./histogram.js";

const CALLERS = 16;
const RIVALS = ["pool-ours-1", "pool-ours-2", "pool-piscina-2", "pool-workerpool-2"];

/** Work for pools, 16 in flight: how much of it is done, and how long a call takes among the others. */
class PoolWork implements Scenario {
  readonly id: string;
  readonly section = "Pools";
  readonly unit = "/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly details = PERCENTILES;
  readonly needs = "work";
  readonly overlaps = true;
  readonly pinned = false;
  readonly quick = true;
  readonly rivals = RIVALS;
  readonly maxRounds = 3;

  constructor(
    readonly title: string,
    readonly work: Work,
    readonly expected: unknown,
    name: string = work.method,
  ) {
    this.id = `pool-${name}`;
  }

  async lap(session: Session, { milliseconds }: Lap): Promise<Figures> {
    assertCan(session, "work");
    const samples = new Samples();
    const started = performance.now();
    const counts = await Promise.all(
      Array.from({ length: CALLERS }, () => this.#callUntil(started + milliseconds, session, samples)),
    );
    const calls = counts.reduce((sum, count) => sum + count, 0);
    return { ...samples.figures(), rate: (calls * 1_000) / (performance.now() - started), calls };
  }

  async #callUntil(end: number, session: Capable<"work">, samples: Samples): Promise<number> {
    let calls = 0;
    for (let now = performance.now(); now < end; calls += 1) {
      const answer = await session.work(this.work);
      if (!isDeepStrictEqual(answer, this.expected)) throw new Error(`a wrong answer: ${JSON.stringify(answer)}`);
      samples.record(performance.now() - now);
      now = performance.now();
    }
    return calls;
  }
}

const TEXT = "procwire ".repeat(20_000);
const PRIMES = [1_000_003, 1_000_033];

export const pools: readonly Scenario[] = [
  new PoolWork("factorize 1,000,036,000,099", { method: "factorize", params: { n: 1_000_036_000_099 } }, PRIMES),
  new PoolWork("sha256 of 180 KB", { method: "hash", params: { data: TEXT, algorithm: "sha256" } }, digestOf(TEXT)),
  // Nothing but computing, by the same algorithm.
  new PoolWork("fib(27), recursive", { method: "fibonacci_recursive", params: { n: 27 } }, 196_418, "compute"),
];
