import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

/** One request in flight: how long a caller waits. Each call is a sample; percentiles are of all samples. */
class Latency implements Scenario {
  readonly id = "latency";
  readonly title = "1 in flight";
  readonly unit = "us";
  readonly better = "less";
  readonly headline = "p50";
  readonly call = "add";
  readonly overlaps = false;
  readonly pinned = true;
  readonly #all = createHistogram({ figures: 4 });

  async lap(session: Session, { milliseconds, counts, maxCalls }: Lap): Promise<Figures> {
    const samples = createHistogram({ figures: 4 });
    const end = performance.now() + milliseconds;
    let now = performance.now();
    for (let call = 0; call < maxCalls && now < end; call++) {
      const before = performance.now();
      const answer = await session.add(call, 1);
      now = performance.now();
      samples.record(Math.max(1, Math.round((now - before) * 1e6)));
      assertAnswer(answer, call + 1);
    }
    if (counts) this.#all.add(samples);
    return percentiles(samples);
  }

  overall(): Figures {
    return percentiles(this.#all);
  }
}

function percentiles(nanoseconds: RecordableHistogram): Figures {
  return {
    p50: nanoseconds.percentile(50) / 1e3,
    p90: nanoseconds.percentile(90) / 1e3,
    p99: nanoseconds.percentile(99) / 1e3,
    "p99.9": nanoseconds.percentile(99.9) / 1e3,
  };
}

export const latency: Scenario = new Latency();
