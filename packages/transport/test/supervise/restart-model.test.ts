/**
 * Random histories of one supervised channel, on a fake clock, beside a reference model: after every step both are in the
 * same state, have told the same events and started as many workers, and each request has the same outcome.
 * `PROCWIRE_LONG=1` runs 100,000; `SEED` repeats a run.
 */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChannelError, type Channel, type ChannelEvent } from "../../src/index.js";
import { resolveStack } from "../../src/node/assemble.js";
import { resolveSupervision, superviseLinks } from "../../src/node/supervision.js";
import { Random } from "../support/random.js";
import { ReferenceModel, type Opening, type Policy } from "./model/reference.js";
import { FakeWorker } from "./support/supervised.js";

const LONG = process.env["PROCWIRE_LONG"] === "1";
const HISTORIES = LONG ? 100_000 : 2_000;
const SEED = Number(process.env["SEED"] ?? (LONG ? Math.floor(Math.random() * 2 ** 31) : 12));
const STEPS = 24;
/** Everything happens at a multiple of it, but for timeouts: those lie between two. */
const GRAIN_MS = 50;
/** More microtasks than any reaction to one event takes. */
const MICROTASKS = 40;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  for (let n = 0; n < MICROTASKS; n += 1) await Promise.resolve();
}

async function advance(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += GRAIN_MS / 2) {
    vi.advanceTimersByTime(GRAIN_MS / 2);
    await settle();
  }
}

/** The channel, and what the model says of itself in the same words. */
class Subject {
  readonly workers: FakeWorker[] = [];
  readonly events: string[] = [];
  readonly outcomes: (string | undefined)[] = [];
  #channel: Channel | undefined;

  get channel(): Channel {
    if (this.#channel === undefined) throw new Error("not open yet");
    return this.#channel;
  }

  async open(policy: Policy, openings: readonly Opening[]): Promise<void> {
    let opened = -1;
    const supervision = resolveSupervision({ restart: policy })!;
    this.#channel = await superviseLinks(resolveStack({}), supervision, undefined, async () => {
      const { takesMs, fails } = opened < 0 ? { takesMs: 0, fails: false } : openings[opened]!;
      opened += 1;
      if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
      if (fails) throw new ChannelError("SPAWN_FAILED", "this start fails");
      const worker = new FakeWorker(this.workers.length);
      this.workers.push(worker);
      return { link: worker.link, pid: worker.pid, kill: () => undefined, vitals: () => undefined };
    });
    this.#channel.onEvent((event) => this.events.push(told(event)));
  }

  request(idempotent: boolean, timeout: number): void {
    const place = this.outcomes.push(undefined) - 1;
    this.channel.request("m", {}, { idempotent, timeout }).then(
      () => (this.outcomes[place] = "answered"),
      (error: unknown) => (this.outcomes[place] = error instanceof ChannelError ? error.code : String(error)),
    );
  }
}

function told(event: ChannelEvent): string {
  return event.type === "restarting" ? `restarting ${event.attempt} ${event.delayMs}` : event.type;
}

const STEP_NAMES = ["die", "die", "pass", "pass", "request", "request", "answer", "close"] as const;

async function play(random: Random): Promise<void> {
  const policy = {
    maxRestarts: random.below(5),
    withinMs: GRAIN_MS * (1 + random.below(40)),
    minDelayMs: 100,
    maxDelayMs: random.pick([100, 400, 1_000]),
  };
  const share = random.pick([0, 0.5, 1]);
  vi.spyOn(Math, "random").mockReturnValue(share);
  const openings = Array.from({ length: STEPS * 10 }, () => ({
    takesMs: GRAIN_MS * random.pick([0, 0, 1, 5]),
    fails: random.below(4) === 0,
  }));
  const model = new ReferenceModel(policy, share, openings);
  const subject = new Subject();
  await subject.open(policy, openings);
  const steps: string[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    steps.push(await take(random, model, subject));
    await settle();
    const { state } = subject.channel;
    const seen = { state, starts: subject.workers.length, events: subject.events, outcomes: subject.outcomes };
    const outcomes = model.requests.map(({ outcome }) => outcome);
    const expected = { state: model.channelState, starts: model.starts, events: model.events, outcomes };
    expect(seen, `${JSON.stringify(policy)} ${steps.join(", ")}`).toEqual(expected);
  }
  const { inFlight } = subject.channel.stats();
  expect(inFlight).toBe(model.requests.filter(({ outcome }) => outcome === undefined).length);
  const closing = subject.channel.close();
  // A start that is under way is waited for.
  await advance(GRAIN_MS * 5);
  await closing;
  expect(vi.getTimerCount(), steps.join(", ")).toBe(0);
}

async function take(random: Random, model: ReferenceModel, subject: Subject): Promise<string> {
  const step = random.pick(STEP_NAMES);
  switch (step) {
    case "die":
      model.die();
      subject.workers.at(-1)!.die();
      return step;
    case "answer":
      model.answerAll();
      subject.workers.at(-1)!.answerAll();
      return step;
    case "request": {
      const isIdempotent = random.below(2) === 0;
      const timeout = random.pick([0, 0, 125, 525]);
      model.request(isIdempotent, timeout);
      subject.request(isIdempotent, timeout);
      return `${step} ${isIdempotent} ${timeout}`;
    }
    case "close":
      // Not too often: nothing follows.
      if (random.below(4) > 0) return "nothing";
      model.close();
      void subject.channel.close();
      return step;
    case "pass": {
      const milliseconds = GRAIN_MS * random.pick([1, 2, 5, 20]);
      model.advance(milliseconds);
      await advance(milliseconds);
      return `${step} ${milliseconds}`;
    }
  }
}

test(
  `${HISTORIES} random histories of a supervised channel are those of the reference model`,
  async () => {
    for (let history = 0; history < HISTORIES; history += 1) {
      const seed = SEED + history;
      try {
        await play(new Random(seed));
      } catch (error) {
        throw new Error(`SEED=${seed}: ${String(error)}`, { cause: error });
      }
    }
  },
  LONG ? 3_600_000 : 60_000,
);
