import { assertCan, type Capable, type Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

/** So many callers, each with one request in flight, for as long as the lap lasts. */
class Throughput implements Scenario {
  readonly id: string;
  readonly section = "Throughput";
  readonly title: string;
  readonly unit = "/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly needs = "add";
  readonly overlaps = true;
  readonly pinned = false;
  readonly quick: Scenario["quick"];
  readonly #callers: number;

  constructor(callers: number, quick: Scenario["quick"]) {
    this.id = `in-flight-${callers}`;
    this.title = `${callers} in flight`;
    this.quick = quick;
    this.#callers = callers;
  }

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "add");
    const calls = await keepInFlight(session, this.#callers, { milliseconds, maxCalls });
    return { rate: calls.perSecond, calls: calls.count };
  }
}

/** Ends after the time or the number of calls, whichever comes first. */
export async function keepInFlight(
  session: Capable<"add">,
  callers: number,
  { milliseconds, maxCalls }: Pick<Lap, "milliseconds" | "maxCalls">,
): Promise<{ count: number; perSecond: number }> {
  const work = new Work(session, maxCalls);
  // A flag, because looking at the clock for each request would be a part of what is measured.
  const timer = milliseconds === Infinity ? undefined : setTimeout(() => work.stop(), milliseconds);
  const started = performance.now();
  await Promise.all(Array.from({ length: callers }, () => work.caller()));
  const seconds = (performance.now() - started) / 1000;
  clearTimeout(timer);
  return { count: work.answered, perSecond: work.answered / seconds };
}

class Work {
  answered = 0;
  readonly #session: Capable<"add">;
  readonly #maxCalls: number;
  #stopped = false;

  constructor(session: Capable<"add">, maxCalls: number) {
    this.#session = session;
    this.#maxCalls = maxCalls;
  }

  stop(): void {
    this.#stopped = true;
  }

  async caller(): Promise<void> {
    while (!this.#stopped && this.answered < this.#maxCalls) {
      const a = this.answered;
      assertAnswer(await this.#session.add(a, 1), a + 1);
      this.answered += 1;
    }
  }
}

export const throughputs: readonly Scenario[] = [
  new Throughput(16, false),
  new Throughput(64, "no variants"),
  new Throughput(1000, true),
];
