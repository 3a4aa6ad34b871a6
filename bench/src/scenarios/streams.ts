import { assertCan, type Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";
import { PeakMemory } from "./peak-memory.js";

const MILLION = 1_000_000;
const WARM_UP = 100_000;

/** A million items from the worker, read one by one; and how far the memory of both grows meanwhile. */
class Stream implements Scenario {
  readonly id = "stream";
  readonly section = "Streams";
  readonly title = "a million items";
  readonly unit = "/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly details = [
    ["parentGrowthMiB", "parent grows, MiB"],
    ["workerGrowthMiB", "worker grows, MiB"],
  ] as const;
  readonly needs = "stream";
  readonly overlaps = false;
  readonly pinned = false;
  readonly quick = ["procwire", "procwire-msgpack", "procwire-node-worker"];
  readonly maxRounds = 3;
  readonly fresh = true;

  async lap(session: Session, { workerPid }: Lap): Promise<Figures> {
    assertCan(session, "items");
    await readAll(session.items(WARM_UP), WARM_UP);
    const memory = new PeakMemory(workerPid);
    const started = performance.now();
    await readAll(session.items(MILLION), MILLION);
    const seconds = (performance.now() - started) / 1000;
    const { parent, worker } = memory.growth();
    return { rate: MILLION / seconds, parentGrowthMiB: parent, workerGrowthMiB: worker };
  }
}

async function readAll(items: AsyncIterable<unknown>, expected: number): Promise<void> {
  let count = 0;
  for await (const _ of items) count += 1;
  assertAnswer(count, expected);
}

export const stream: Scenario = new Stream();
