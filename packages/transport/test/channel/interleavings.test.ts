/**
 * Random orders of everything that can happen to requests, over a link and a clock that are the test's. A model says
 * how each request must end: by whichever came first. `PROCWIRE_LONG=1` runs 100,000 orders of each kind;
 * `PROCWIRE_SEED=n` runs one again.
 */
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChannelError, createChannel, RpcError, type Channel } from "../../src/index.js";
import { FakeLink } from "../support/fake-link.js";
import { Random } from "../support/random.js";

const LONG = process.env["PROCWIRE_LONG"] === "1";
const ROUNDS = LONG ? 100_000 : 2_500;
const SEED = process.env["PROCWIRE_SEED"];
const MAX_REQUESTS = 4;
const STEPS = 14;
const MAX_QUEUED_BYTES = 100;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** How a request ended, or must end. */
type Outcome = string;

interface Tracked {
  readonly id: number;
  readonly isStream: boolean;
  readonly deadline: number;
  readonly controller: AbortController;
  expected: Outcome | undefined;
  /** Each time it settled; exactly one in the end. */
  readonly outcomes: Outcome[];
}

async function microtasks(): Promise<void> {
  for (let at = 0; at < 30; at++) await Promise.resolve();
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof RpcError) return `error ${error.code}`;
  if (error instanceof ChannelError) return `${error.code} ${String(error.delivery)}`;
  return String(error);
}

/** The caller's side: one channel, a few requests, and the model. */
class Round {
  readonly random: Random;
  readonly link = new FakeLink();
  readonly channel: Channel;
  readonly requests: Tracked[] = [];
  readonly log: string[] = [];
  readonly errors: unknown[] = [];
  #lastId = 0;
  #isOver = false;
  #now = 0;
  /** After a step that the model follows only when what it has caused is over. */
  #mustYield = false;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.channel = createChannel({
      link: this.link,
      limits: { maxQueuedBytes: MAX_QUEUED_BYTES, streamWindow: 2 },
      whenFull: "wait",
      onError: (error) => this.errors.push(error),
      onNoise: () => undefined,
    });
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.#step();
      if (this.#mustYield || this.random.below(2) === 0) await microtasks();
      this.#mustYield = false;
    }
    this.log.push("close");
    void this.channel.close();
    this.#settleAll("CHANNEL_CLOSED");
    await microtasks();
  }

  #step(): void {
    const steps = [
      this.#send,
      this.#send,
      this.#answer,
      this.#answer,
      this.#answer,
      this.#items,
      this.#abort,
      this.#pass,
      this.#fill,
      this.#drain,
      this.#end,
    ];
    this.random.pick(steps).call(this);
  }

  #note(text: string): void {
    this.log.push(text);
  }

  isSent(id: number): boolean {
    return this.link.sent.some(
      (message: { id?: unknown; method?: unknown }) => message.id === id && "method" in message,
    );
  }

  #waiting(): Tracked[] {
    return this.requests.filter(({ expected }) => expected === undefined);
  }

  #settle(request: Tracked, outcome: Outcome): void {
    request.expected ??= outcome;
  }

  #settleAll(code: string): void {
    for (const request of this.#waiting()) {
      this.#settle(request, `${code} ${this.isSent(request.id) ? "unknown" : "not-sent"}`);
    }
    this.#isOver = true;
  }

  #send(): void {
    if (this.requests.length >= MAX_REQUESTS) return;
    const { random } = this;
    const id = this.#isOver ? -1 : ++this.#lastId;
    const timeout = random.pick([0, 0, 10, 20, 30]);
    const controller = new AbortController();
    const isStream = random.below(3) === 0;
    const deadline = timeout === 0 ? Infinity : this.#now + timeout;
    const request: Tracked = { id, isStream, deadline, controller, expected: undefined, outcomes: [] };
    if (this.#isOver) request.expected = "CHANNEL_CLOSED not-sent";
    this.requests.push(request);
    this.#note(`send ${id} ${isStream ? "stream" : "request"} timeout ${timeout}`);
    const options = { timeout, signal: controller.signal };
    const outcome = isStream ? readToEnd(this.channel, options) : this.channel.request<string>("m", {}, options);
    outcome.then(
      (result) => request.outcomes.push(`result ${result}`),
      (error: unknown) => request.outcomes.push(outcomeOf(error)),
    );
  }

  /** An answer, of which some are to requests that were answered, cancelled, or never made. */
  #answer(): void {
    const id = 1 + this.random.below(MAX_REQUESTS + 1);
    const request = this.requests.find((candidate) => candidate.id === id);
    // The other side can't answer what it has not got.
    if (request !== undefined && !this.isSent(id)) return;
    const times = 1 + this.random.below(2);
    const kind = this.random.pick(["result", "error", "invalid"]);
    this.#note(`${kind} for ${id}, ${times} times`);
    const answers = Array.from({ length: times }, () => answerOf(kind, id));
    this.link.deliver(...answers);
    if (request === undefined || this.#isOver) return;
    const delivered = { result: "result done", error: "error 7", invalid: "MESSAGE_MALFORMED unknown" };
    this.#settle(request, delivered[kind as keyof typeof delivered]);
  }

  #items(): void {
    const id = 1 + this.random.below(MAX_REQUESTS);
    const request = this.requests.find((candidate) => candidate.id === id);
    if (request !== undefined && !this.isSent(id)) return;
    const count = this.random.pick([0, 1, 9]);
    this.#note(`${count} items for ${id}`);
    this.link.deliver({ method: "$/stream/items", params: { id, items: Array.from({ length: count }, () => 0) } });
    this.#mustYield = true;
    // A window of 2 does not allow for nine.
    if (request?.isStream === true && count === 9 && !this.#isOver)
      this.#settle(request, "MESSAGE_MALFORMED undefined");
  }

  #abort(): void {
    if (this.requests.length === 0) return;
    const request = this.random.pick(this.requests);
    this.#note(`abort ${request.id}`);
    request.controller.abort("aborted");
    this.#settle(request, "aborted");
  }

  /** Time passes: what is due by then has timed out. */
  #pass(): void {
    const milliseconds = this.random.pick([10, 20, 40]);
    this.#note(`${milliseconds} ms`);
    const due = this.#waiting().filter(({ deadline }) => deadline <= this.#now + milliseconds);
    for (const request of due) this.#settle(request, `TIMEOUT ${this.isSent(request.id) ? "unknown" : "not-sent"}`);
    vi.advanceTimersByTime(milliseconds);
    this.#now += milliseconds;
    this.#mustYield = true;
  }

  #fill(): void {
    this.#note("the queue is full");
    this.link.queuedBytes = MAX_QUEUED_BYTES + 1;
  }

  #drain(): void {
    this.#note("the queue is empty");
    this.link.drain();
  }

  #end(): void {
    if (this.random.below(6) !== 0) return;
    const isClose = this.random.below(2) === 0;
    this.#note(isClose ? "close" : "the link ends");
    if (isClose) void this.channel.close();
    else this.link.end();
    this.#settleAll("CHANNEL_CLOSED");
  }
}

function answerOf(kind: string, id: number): object {
  if (kind === "result") return { id, result: "done" };
  return kind === "error" ? { id, error: { code: 7, message: "no" } } : { id, error: "no error" };
}

async function readToEnd(channel: Channel, options: { timeout: number; signal: AbortSignal }): Promise<string> {
  const stream = channel.stream("m", {}, options);
  for (;;) {
    const step = (await stream.next()) as IteratorResult<unknown, string>;
    if (step.done === true) return step.value;
  }
}

function seedsOf(rounds: number): number[] {
  if (SEED !== undefined) return [Number(SEED)];
  const base = LONG ? Date.now() >>> 0 : 1;
  return Array.from({ length: rounds }, (_, at) => (base + at) >>> 0);
}

/** Runs a round per seed; what fails names its seed. */
async function explore(round: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seedsOf(ROUNDS)) {
    try {
      await round(seed);
    } catch (error) {
      throw new Error(`PROCWIRE_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

test(
  "in any order of events each request of this side ends once, by what came first",
  { timeout: 600_000 },
  async () => {
    await explore(async (seed) => {
      const round = new Round(seed);
      await round.run();
      const { requests, channel, link } = round;
      const ends = requests.map(({ id, outcomes }) => ({ id, outcomes }));
      const wanted = requests.map(({ id, expected }) => ({ id, outcomes: [expected] }));
      if (JSON.stringify(ends) !== JSON.stringify(wanted)) {
        throw new Error(`${JSON.stringify(ends)} in place of ${JSON.stringify(wanted)}\n${round.log.join("\n")}`);
      }
      const wronglySent = requests.find(
        ({ id, expected }) => expected?.endsWith("not-sent") === true && round.isSent(id),
      );
      if (wronglySent !== undefined) throw new Error(`${wronglySent.id} was sent\n${round.log.join("\n")}`);
      const { inFlight, requestsSent, succeeded, refused, failed } = channel.stats();
      const given = requests.filter(({ id }) => id !== -1).length;
      if (inFlight !== 0 || succeeded + refused + failed !== given || requestsSent > given) {
        throw new Error(`the counts are ${JSON.stringify(channel.stats())}\n${round.log.join("\n")}`);
      }
      const listeners = requests.flatMap(({ controller }) => getEventListeners(controller.signal, "abort"));
      if (listeners.length > 0 || vi.getTimerCount() > 0 || link.closes !== 1) throw new Error("something is left");
      const isAboutStrangers = (error: unknown): boolean => outcomeOf(error) === "MESSAGE_MALFORMED undefined";
      if (!round.errors.every(isAboutStrangers)) throw new Error(`reported: ${String(round.errors[0])}`);
    });
    expect.assertions(0);
  },
);

/** The serving side: handlers that finish when the round says so. */
async function serve(seed: number): Promise<void> {
  const random = new Random(seed);
  const link = new FakeLink();
  const log: string[] = [];
  const errors: unknown[] = [];
  const channel = createChannel({
    link,
    answersUnreadable: true,
    onError: (error) => errors.push(error),
  });
  const running = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  const signals: AbortSignal[] = [];
  const expected = new Map<number, string>();
  const settle = (id: number, how: string): void => {
    if (!isOver && expected.get(id) === "") expected.set(id, how);
  };
  let isOver = false;
  let lastId = 0;
  channel.onRequest("m", (_params, { id, signal }) => {
    signals.push(signal);
    return new Promise((resolve, reject) => running.set(id as number, { resolve, reject }));
  });
  const steps: (() => void)[] = [
    () => {
      if (isOver) return;
      lastId += 1;
      log.push(`request ${lastId}`);
      expected.set(lastId, "");
      link.deliver({ id: lastId, method: "m" });
    },
    () => {
      const id = 1 + random.below(lastId + 1);
      log.push(`cancel ${id}`);
      link.deliver({ method: "$/cancelRequest", params: { id } });
      settle(id, "error -32800");
    },
    () => {
      const id = 1 + random.below(lastId + 1);
      const kind = random.pick(["resolves", "rejects", "resolves badly"]);
      log.push(`handler ${id} ${kind}`);
      if (kind === "rejects") running.get(id)?.reject(new Error("no"));
      else running.get(id)?.resolve(kind === "resolves" ? 1 : 1n);
      finishing.push([id, kind === "resolves" ? "result" : "error -32603"]);
    },
    () => {
      if (isOver || random.below(5) > 0) return;
      log.push("the end");
      if (random.below(2) === 0) link.end();
      else void channel.close();
      isOver = true;
    },
  ];
  // A handler's promise is heard a microtask later: until then the cancel may come first.
  const finishing: [number, string][] = [];
  for (let step = 0; step < STEPS; step++) {
    random.pick(steps)();
    if (finishing.length > 0 || random.below(2) === 0) {
      const raced = random.below(2) === 0 ? random.pick(steps.slice(1, 2)) : undefined;
      raced?.();
      await microtasks();
      for (const [id, how] of finishing.splice(0)) settle(id, how);
    }
  }
  void channel.close();
  await microtasks();
  for (const [id, how] of expected) {
    const answers = (link.sent as { id: unknown; error?: { code: number } }[])
      .filter((message) => message.id === id)
      .map(({ error }) => (error === undefined ? "result" : `error ${error.code}`));
    const wanted = how === "" ? [] : [how];
    if (JSON.stringify(answers) !== JSON.stringify(wanted)) {
      throw new Error(
        `request ${id} was answered ${JSON.stringify(answers)}, not ${JSON.stringify(wanted)}\n${log.join("\n")}`,
      );
    }
  }
  if (channel.stats().running !== 0 || errors.length > 0) throw new Error(`something is left\n${log.join("\n")}`);
}

test(
  "in any order of events each request of the other side is answered once, by what came first",
  { timeout: 600_000 },
  async () => {
    await explore(serve);
    expect.assertions(0);
  },
);
