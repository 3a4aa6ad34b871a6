import { assertCan, type Capability, type Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

const NUMBERS: readonly number[] = Array.from({ length: 100_000 }, (_, index) => index);
const SUM = (99_999 * 100_000) / 2;

/** 100,000 numbers as params, their sum as result; one call after the other. */
class ArraySum implements Scenario {
  readonly id: string;
  readonly section = "Arrays of numbers";
  readonly title: string;
  readonly unit = "ms";
  readonly better = "less";
  readonly headline = "time";
  readonly needs: Capability;
  readonly overlaps = false;
  readonly pinned = false;
  readonly quick = [
    ...["hand-loop", "hand-loop-polling", "procwire", "procwire-msgpack"],
    ...["vscode-jsonrpc", "node-ipc-json", "node-ipc-advanced", "piscina"],
  ];
  readonly #numbers: readonly number[] | Float64Array;

  constructor(needs: "sum" | "sum-typed", title: string, numbers: readonly number[] | Float64Array) {
    this.id = `${needs}-100k`;
    this.title = title;
    this.needs = needs;
    this.#numbers = numbers;
  }

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "sum");
    const started = performance.now();
    let calls = 0;
    do {
      assertAnswer(await session.sum(this.#numbers), SUM);
      calls += 1;
    } while (calls < maxCalls && performance.now() - started < milliseconds);
    return { time: (performance.now() - started) / calls, calls };
  }
}

export const arraySums: readonly Scenario[] = [
  new ArraySum("sum", "sum of 100,000", NUMBERS),
  new ArraySum("sum-typed", "the same as a Float64Array", Float64Array.from(NUMBERS)),
];
