import { assertCan, type Capability, type PayloadValue, type Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";
import { collectGarbage, PeakMemory } from "./peak-memory.js";
import { keepInFlight } from "./throughput.js";

const MIB = 1024 * 1024;
/** 64 MiB in all. */
const LARGE = 64 * MIB - 1024;
const CALLERS = 1000;

/** What all scenarios about memory have in common; the headline is the larger of the two sides. */
abstract class Memory implements Scenario {
  readonly section = "Memory";
  readonly better = "less";
  readonly headline = "larger";
  readonly overlaps = true;
  readonly pinned = false;
  readonly fresh = true;
  abstract readonly id: string;
  abstract readonly title: string;
  abstract readonly unit: Scenario["unit"];
  abstract readonly needs: Capability;
  abstract readonly maxRounds: number;
  abstract readonly quick: Scenario["quick"];

  get details(): NonNullable<Scenario["details"]> {
    return (["parent", "worker"] as const).map((side) => [side, `${side}, ${this.unit}`]);
  }

  abstract lap(session: Session, lap: Lap): Promise<Figures>;
}

/** The peaks while requests are answered, 1000 in flight. */
class Requests extends Memory {
  readonly id = "memory-requests";
  readonly title = "peak, 1000 in flight";
  readonly unit = "MiB";
  readonly needs = "add";
  readonly maxRounds = 2;
  readonly quick = ["hand-loop", "procwire"];

  async lap(session: Session, { milliseconds, maxCalls, workerPid }: Lap): Promise<Figures> {
    assertCan(session, "add");
    const memory = new PeakMemory(workerPid);
    await keepInFlight(session, CALLERS, { milliseconds, maxCalls });
    return both(memory.peaks());
  }
}

/** How much one large message there and back needs, in times its size. */
class LargeMessage extends Memory {
  readonly id: string;
  readonly title: string;
  readonly unit = "times its size";
  readonly needs: Capability;
  readonly maxRounds = 2;
  readonly quick: Scenario["quick"];
  readonly payload = LARGE;
  readonly #make: () => PayloadValue;

  constructor(kind: "text" | "bytes", title: string, make: () => PayloadValue) {
    super();
    this.id = `memory-64MiB-${kind}`;
    this.title = title;
    this.needs = kind;
    this.quick = kind === "text" ? ["procwire"] : ["procwire-msgpack"];
    this.#make = make;
  }

  async lap(session: Session, { workerPid }: Lap): Promise<Figures> {
    assertCan(session, "echo");
    const value = this.#make();
    const memory = new PeakMemory(workerPid);
    const answer = await session.echo(value);
    const { parent, worker } = memory.growth();
    assertAnswer(answer.length, value.length);
    return both({ parent: (parent * MIB) / LARGE, worker: (worker * MIB) / LARGE });
  }
}

/** Whether the parent stays as large as it is: how far it is above its first million requests after all others. */
class Flat extends Memory {
  readonly id = "memory-flat";
  readonly title = "growth in 10 M requests";
  readonly unit = "MiB";
  readonly needs = "add";
  readonly maxRounds = 1;
  readonly quick = false;
  readonly rivals = ["hand-loop", "procwire"];

  async lap(session: Session, { quick, workerPid }: Lap): Promise<Figures> {
    assertCan(session, "add");
    const [first, others] = quick ? [100_000, 900_000] : [1_000_000, 9_000_000];
    const endless = { milliseconds: Infinity };
    const early = new PeakMemory(workerPid);
    await keepInFlight(session, CALLERS, { ...endless, maxCalls: first });
    const before = early.peaks();
    collectGarbage();
    const late = new PeakMemory(workerPid);
    await keepInFlight(session, CALLERS, { ...endless, maxCalls: others });
    const after = late.peaks();
    return both({ parent: after.parent - before.parent, worker: after.worker - before.worker });
  }
}

function both({ parent, worker }: { parent: number; worker: number }): Figures {
  return { larger: Number.isNaN(worker) ? parent : Math.max(parent, worker), parent, worker };
}

export const memories: readonly Scenario[] = [
  new Requests(),
  // `repeat` would leave it to the first reader to put the string together.
  new LargeMessage("text", "64 MiB string", () => Buffer.alloc(LARGE, "0123456789abcdef").toString("latin1")),
  new LargeMessage("bytes", "64 MiB of bytes", () => new Uint8Array(LARGE).fill(0xa5)),
  new Flat(),
];
