import { assertCan, type Session } from "../rivals/contract.js";
import type { CurvePoint } from "../statistics.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";
import { PERCENTILES, Samples } from "./histogram.js";

/** One request in flight: how long a caller waits. Each call is a sample; percentiles are of all samples. */
class Latency implements Scenario {
  readonly id = "latency";
  readonly section = "Latency";
  readonly title = "1 in flight";
  readonly unit = "us";
  readonly better = "less";
  readonly headline = "p50";
  readonly details = PERCENTILES;
  readonly needs = "add";
  readonly overlaps = false;
  readonly pinned = true;
  readonly quick = "no variants";
  readonly #all = new Samples();

  async lap(session: Session, { milliseconds, counts, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "add");
    const samples = new Samples();
    const end = performance.now() + milliseconds;
    let now = performance.now();
    let calls = 0;
    for (; calls < maxCalls && now < end; calls++) {
      const before = performance.now();
      const answer = await session.add(calls, 1);
      now = performance.now();
      samples.record(now - before);
      assertAnswer(answer, calls + 1);
    }
    if (counts) this.#all.add(samples);
    return { ...samples.figures(), calls };
  }

  overall(): Figures {
    return this.#all.figures();
  }

  curve(): CurvePoint[] {
    return this.#all.curve();
  }
}

export const latency: Scenario = new Latency();
