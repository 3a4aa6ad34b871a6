import type { Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

/** So many callers, each with one request in flight, for as long as the lap lasts. */
class Throughput implements Scenario {
  readonly id: string;
  readonly title: string;
  readonly unit = "/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly call = "add";
  readonly overlaps = true;
  readonly pinned = false;
  readonly #callers: number;

  constructor(callers: number) {
    this.id = `in-flight-${callers}`;
    this.title = `${callers} in flight`;
    this.#callers = callers;
  }

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    const work = new Work(session, maxCalls);
    // A flag, because looking at the clock for each request would be a part of what is measured.
    const timer = setTimeout(() => work.stop(), milliseconds);
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    await Promise.all(Array.from({ length: this.#callers }, () => work.caller()));
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    clearTimeout(timer);
    return { rate: work.answered / seconds, parentCpuUs: (user + system) / work.answered };
  }
}

class Work {
  answered = 0;
  readonly #session: Session;
  readonly #maxCalls: number;
  #stopped = false;

  constructor(session: Session, maxCalls: number) {
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

export const throughputs: readonly Scenario[] = [16, 64, 1000].map((callers) => new Throughput(callers));
