import { assertCan, type Capable, type Session } from "../rivals/contract.js";
import type { CurvePoint } from "../statistics.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";
import { PERCENTILES, Samples } from "./histogram.js";

/**
 * Requests come at a fixed rate, whether or not earlier ones are answered, as they do from users. A latency counts
 * from the moment at which the request was due, so that one late answer does not hide how long those behind it waited
 * (coordinated omission).
 *
 * The sender looks at the clock in each turn of the event loop; a timer would add up to a millisecond to each call.
 */
class OpenLoop implements Scenario {
  readonly id: string;
  readonly section = "Latency";
  readonly title: string;
  readonly unit = "us";
  readonly better = "less";
  readonly headline = "p99";
  readonly details = PERCENTILES;
  readonly needs = "add";
  readonly overlaps = true;
  readonly pinned = true;
  readonly quick;
  readonly #perMillisecond: number;
  readonly #all = new Samples();

  constructor(perSecond: number, quick: Scenario["quick"]) {
    this.id = `open-loop-${perSecond / 1000}k`;
    this.title = `open loop, ${perSecond / 1000}k/s`;
    this.quick = quick;
    this.#perMillisecond = perSecond / 1000;
  }

  async lap(session: Session, { milliseconds, counts, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "add");
    const calls = Math.min(maxCalls, Math.ceil(milliseconds * this.#perMillisecond));
    const samples = await new Schedule(session, calls, 1 / this.#perMillisecond).run();
    if (counts) this.#all.add(samples);
    return samples.figures();
  }

  overall(): Figures {
    return this.#all.figures();
  }

  curve(): CurvePoint[] {
    return this.#all.curve();
  }
}

class Schedule {
  readonly #session: Capable<"add">;
  readonly #calls: number;
  readonly #interval: number;
  readonly #samples = new Samples();
  #started = 0;
  #sent = 0;
  #answered = 0;
  #settle: { resolve: (samples: Samples) => void; reject: (error: unknown) => void } | undefined;

  constructor(session: Capable<"add">, calls: number, interval: number) {
    this.#session = session;
    this.#calls = calls;
    this.#interval = interval;
  }

  run(): Promise<Samples> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#started = performance.now();
      this.#turn();
    });
  }

  #turn(): void {
    const due = Math.min(this.#calls, Math.ceil((performance.now() - this.#started) / this.#interval));
    while (this.#sent < due) {
      this.#call(this.#sent).catch((error: unknown) => this.#settle?.reject(error));
      this.#sent += 1;
    }
    if (this.#sent < this.#calls) setImmediate(() => this.#turn());
  }

  async #call(number: number): Promise<void> {
    const answer = await this.#session.add(number, 1);
    this.#samples.record(performance.now() - this.#started - number * this.#interval);
    assertAnswer(answer, number + 1);
    this.#answered += 1;
    if (this.#answered === this.#calls) this.#settle?.resolve(this.#samples);
  }
}

export const openLoops: readonly Scenario[] = [
  new OpenLoop(10_000, ["hand-loop", "hand-loop-polling", "procwire", "vscode-jsonrpc", "node-ipc-json", "piscina"]),
  new OpenLoop(50_000, false),
];
