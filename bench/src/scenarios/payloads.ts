import { assertCan, type Capability, type PayloadValue, type Session } from "../rivals/contract.js";
import { assertAnswer, type Figures, type Lap, type Scenario } from "./contract.js";

const KIB = 1024;
const MIB = 1024 * KIB;
/** What the rest of a message may take, so that the largest one has 64 MiB, the default limit, in all. */
const ENVELOPE = KIB;

type Kind = "text" | "bytes" | "typed";

const KINDS: Record<Kind, { readonly title: string; readonly make: (bytes: number) => PayloadValue }> = {
  text: { title: "string", make: (bytes) => Buffer.alloc(bytes, "0123456789abcdef").toString("latin1") },
  bytes: { title: "bytes", make: (bytes) => new Uint8Array(bytes).fill(0xa5) },
  typed: { title: "Float64Array", make: (bytes) => new Float64Array(bytes / 8).fill(Math.PI) },
};

const SIZES = [
  ["64B", 64],
  ["4KiB", 4 * KIB],
  ["64KiB", 64 * KIB],
  ["1MiB", MIB],
  ["16MiB", 16 * MIB],
  ["64MiB", 64 * MIB - ENVELOPE],
] as const;

/** In quick runs, with 1 MiB. */
const QUICK_RIVALS: Record<Kind, Scenario["quick"]> = {
  text: ["raw-pipe", "hand-loop", "hand-loop-polling", "procwire", "vscode-jsonrpc", "node-ipc-json", "piscina"],
  bytes: true,
  typed: false,
};

/** One payload there and back, one after the other. */
class Payload implements Scenario {
  readonly id: string;
  readonly section = "Payloads";
  readonly title: string;
  readonly unit = "MiB/s";
  readonly better = "more";
  readonly headline = "rate";
  readonly overlaps = false;
  readonly pinned = false;
  readonly needs: Capability;
  readonly payload: number;
  readonly quick: Scenario["quick"];
  readonly maxRounds = 3;
  readonly #kind: Kind;
  #value: PayloadValue | undefined;

  constructor(kind: Kind, name: string, bytes: number) {
    this.id = `${kind}-${name}`;
    this.title = `${KINDS[kind].title} ${name.replace(/(\d)(?=[A-Z])/, "$1 ")}`;
    this.needs = kind;
    this.payload = bytes;
    this.quick = name === "1MiB" && QUICK_RIVALS[kind];
    this.#kind = kind;
  }

  async lap(session: Session, { milliseconds, maxCalls }: Lap): Promise<Figures> {
    assertCan(session, "echo");
    const value = (this.#value ??= KINDS[this.#kind].make(this.payload));
    const started = performance.now();
    let calls = 0;
    do {
      const answer = await session.echo(value);
      assertAnswer(answer.length, value.length);
      assertAnswer(answer.at(-1), value.at(-1));
      calls += 1;
    } while (calls < maxCalls && performance.now() - started < milliseconds);
    const seconds = (performance.now() - started) / 1000;
    return { rate: (calls * this.payload) / MIB / seconds, calls };
  }
}

export const payloads: readonly Scenario[] = (["text", "bytes", "typed"] as const).flatMap((kind) =>
  SIZES.map(([name, bytes]) => new Payload(kind, name, bytes)),
);
