import type { CallName, Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

const MIB = 1024 * 1024;
const TEXT = "0123456789abcdef".repeat(MIB / 16);
const NUMBERS: readonly number[] = Array.from({ length: 100_000 }, (_, index) => index);
const SUM = (99_999 * 100_000) / 2;

/** One large call after the other. */
class LargeCalls {
  readonly better;
  readonly headline;
  readonly overlaps = false;
  readonly pinned = false;

  constructor(
    readonly id: string,
    readonly title: string,
    readonly unit: "/s" | "ms",
    readonly call: CallName,
    readonly one: (session: Session) => Promise<void>,
  ) {
    this.better = unit === "ms" ? ("less" as const) : ("more" as const);
    this.headline = unit === "ms" ? "time" : "rate";
  }

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    const started = performance.now();
    let calls = 0;
    while (calls < maxCalls && performance.now() - started < milliseconds) {
      await this.one(session);
      calls += 1;
    }
    const elapsed = performance.now() - started;
    return { [this.headline]: this.unit === "ms" ? elapsed / calls : (calls / elapsed) * 1000 };
  }
}

export const echo: Scenario = new LargeCalls("echo-1MiB", "1 MiB echo", "/s", "echo", async (session) => {
  const answer = await session.echo(TEXT);
  assertAnswer(answer.length, TEXT.length);
});

export const sum: Scenario = new LargeCalls("sum-100k", "sum of 100,000", "ms", "sum", async (session) => {
  assertAnswer(await session.sum(NUMBERS), SUM);
});
