import { assertCan, type Capability, type Session, type Task } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

const FLOATS = Float64Array.from({ length: 100_000 }, (_, index) => index + 0.5);

/** One computation after the other; which algorithm it is, the row says. */
class Compute implements Scenario {
  readonly id: string;
  readonly section = "Compute";
  readonly better = "less";
  readonly headline = "time";
  readonly needs: Capability;
  readonly overlaps = false;
  readonly pinned = false;
  readonly quick = true;
  readonly maxRounds = 3;
  readonly noWarmUp: boolean;

  constructor(
    readonly task: Task,
    readonly title: string,
    readonly unit: "us" | "ms",
    readonly input: number | Float64Array,
    readonly expected: unknown,
  ) {
    this.id = `compute-${task}`;
    this.needs = `compute-${task}`;
    this.noWarmUp = task === "fib";
  }

  async lap(session: Session, { milliseconds }: Lap): Promise<Figures> {
    assertCan(session, "compute");
    const started = performance.now();
    let calls = 0;
    do {
      assertAnswer(await session.compute(this.task, this.input), this.expected);
      calls += 1;
    } while (performance.now() - started < milliseconds);
    const time = (performance.now() - started) / calls;
    return { time: this.unit === "us" ? time * 1000 : time };
  }
}

export const computations: readonly Scenario[] = [
  new Compute("fib", "fib(40)", "ms", 40, 102_334_155),
  new Compute("prime", "is 1,000,000,007 prime?", "us", 1_000_000_007, true),
  new Compute("sum", "sum of 100,000 floats", "ms", FLOATS, 5_000_000_000),
];
