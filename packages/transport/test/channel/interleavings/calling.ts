import { vi } from "vitest";
import { createChannel, type Channel, type RequestOptions } from "../../../src/index.js";
import { FakeLink } from "../../support/fake-link.js";
import { Random } from "../../support/random.js";
import { microtasks, outcomeOf, type Outcome } from "./explore.js";
import { InputSource } from "./input-source.js";

const MAX_REQUESTS = 5;
const STEPS = 16;
const MAX_QUEUED_BYTES = 100;

type Kind = "request" | "stream" | "input" | "batch";

/** A request, and the model of it: it must end by whichever event came first. */
export interface Tracked {
  /** -1: refused, so that it has none. */
  readonly id: number;
  readonly kind: Kind;
  readonly deadline: number;
  readonly controller: AbortController;
  readonly source: InputSource | undefined;
  /** Inputs that the other side has asked for. */
  credit: number;
  expected: Outcome | undefined;
  /** Each time it settled; exactly one in the end. */
  readonly outcomes: Outcome[];
  /** How much was on the wire when it settled. */
  sentBefore: number;
}

interface Wire {
  readonly id?: unknown;
  readonly method?: unknown;
}

/** The caller's side: one channel, a few requests, and the model. */
export class Round {
  readonly random: Random;
  readonly link = new FakeLink();
  readonly channel: Channel;
  readonly requests: Tracked[] = [];
  readonly log: string[] = [];
  readonly errors: unknown[] = [];
  #lastId = 0;
  #isOver = false;
  #isFull = false;
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

  isSent(id: number): boolean {
    return this.link.sent.flat().some((message: Wire) => message.id === id && "method" in message);
  }

  #step(): void {
    const steps = [
      this.#send,
      this.#send,
      this.#batch,
      this.#answer,
      this.#answer,
      this.#answer,
      this.#items,
      this.#pull,
      this.#pull,
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

  #track(kind: Kind, id: number, timeout: number, controller: AbortController): Tracked {
    const isInput = kind === "input";
    const request: Tracked = {
      id,
      kind,
      deadline: timeout === 0 ? Infinity : this.#now + timeout,
      controller,
      source: isInput ? new InputSource(this.random.below(4), this.random.below(2) === 0) : undefined,
      credit: 0,
      expected: this.#isOver ? "CHANNEL_CLOSED not-sent" : undefined,
      outcomes: [],
      sentBefore: 0,
    };
    this.requests.push(request);
    return request;
  }

  #send(): void {
    if (this.requests.length >= MAX_REQUESTS) return;
    const id = this.#isOver ? -1 : ++this.#lastId;
    const timeout = this.random.pick([0, 0, 10, 20, 30]);
    const kind = this.random.pick<Kind>(["request", "stream", "input"]);
    const controller = new AbortController();
    const request = this.#track(kind, id, timeout, controller);
    this.#note(`send ${id} ${kind} timeout ${timeout}`);
    const input = request.source;
    const options = { timeout, signal: controller.signal, ...(input === undefined ? {} : { input }) };
    this.#call(kind, options).then(
      (result) => this.#ended(request, `result ${result}`),
      (error: unknown) => this.#ended(request, outcomeOf(error)),
    );
  }

  #call(kind: Kind, options: RequestOptions): Promise<string> {
    if (kind === "stream") return readToEnd(this.channel, options);
    return this.channel.request<string>("m", {}, options);
  }

  #ended(request: Tracked, outcome: Outcome): void {
    request.outcomes.push(outcome);
    request.sentBefore = this.link.sent.length;
  }

  /** It does not wait for room, and is refused as a whole. */
  #batch(): void {
    const size = 1 + this.random.below(3);
    if (this.requests.length + size > MAX_REQUESTS) return;
    const mustWait = this.#isFull || this.#waiting().some(({ id }) => !this.isSent(id));
    const isRefused = this.#isOver || mustWait;
    const timeout = this.random.pick([0, 10, 20]);
    const controller = new AbortController();
    const requests = Array.from({ length: size }, () =>
      this.#track("batch", isRefused ? -1 : ++this.#lastId, timeout, controller),
    );
    this.#note(`batch ${requests.map(({ id }) => id).join()} timeout ${timeout}`);
    if (isRefused && !this.#isOver) for (const request of requests) this.#settle(request, "OVERLOADED not-sent");
    const calls = [...requests.map(() => ({ method: "m" })), { method: "n", notify: true }];
    this.channel.batch(calls, { timeout, signal: controller.signal }).then(
      (results) => {
        for (const [at, request] of requests.entries()) this.#ended(request, outcomeOfSettled(results[at]));
      },
      (error: unknown) => {
        for (const request of requests) this.#ended(request, outcomeOf(error));
      },
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
    const asBatch = this.random.below(3) === 0;
    this.#note(`${kind} for ${id}, ${times} times${asBatch ? ", as a batch" : ""}`);
    const answers = Array.from({ length: times }, () => answerOf(kind, id));
    if (asBatch) this.link.deliverBatch(...answers);
    else this.link.deliver(...answers);
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
    if (request?.kind === "stream" && count === 9 && !this.#isOver)
      this.#settle(request, "MESSAGE_MALFORMED undefined");
  }

  /** The other side asks for inputs, also where there are none. */
  #pull(): void {
    const id = 1 + this.random.below(MAX_REQUESTS);
    const request = this.requests.find((candidate) => candidate.id === id);
    if (request !== undefined && !this.isSent(id)) return;
    const count = 1 + this.random.below(3);
    this.#note(`${count} inputs wanted for ${id}`);
    this.link.deliver({ method: "$/input/pull", params: { id, count } });
    this.#mustYield = true;
    if (request === undefined) return;
    request.credit += count;
    this.#failInputs();
  }

  /** A source that fails is heard when it is asked for more than it has, and there is room for that. */
  #failInputs(): void {
    if (this.#isFull || this.#isOver) return;
    for (const request of this.#waiting()) {
      const { source, credit } = request;
      if (source?.fails === true && credit > source.items) this.#settle(request, "Error: the inputs failed");
    }
  }

  #abort(): void {
    if (this.requests.length === 0) return;
    const { controller } = this.random.pick(this.requests);
    const aborted = this.requests.filter((request) => request.controller === controller);
    this.#note(`abort ${aborted.map(({ id }) => id).join()}`);
    controller.abort("aborted");
    for (const request of aborted) this.#settle(request, "aborted");
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
    if (this.#isOver) return;
    this.#note("the queue is full");
    this.link.queuedBytes = MAX_QUEUED_BYTES + 1;
    this.#isFull = true;
  }

  #drain(): void {
    this.#note("the queue is empty");
    this.#isFull = false;
    this.link.drain();
    this.#mustYield = true;
    this.#failInputs();
  }

  #end(): void {
    if (this.random.below(6) !== 0) return;
    const isClose = this.random.below(2) === 0;
    this.#note(isClose ? "close" : "the link ends");
    if (isClose) void this.channel.close();
    else this.link.end();
    this.link.queuedBytes = 0;
    this.#settleAll("CHANNEL_CLOSED");
  }
}

function outcomeOfSettled(result: PromiseSettledResult<unknown> | undefined): Outcome {
  if (result === undefined) return "no result";
  return result.status === "fulfilled" ? `result ${String(result.value)}` : outcomeOf(result.reason);
}

function answerOf(kind: string, id: number): object {
  if (kind === "result") return { id, result: "done" };
  return kind === "error" ? { id, error: { code: 7, message: "no" } } : { id, error: "no error" };
}

async function readToEnd(channel: Channel, options: RequestOptions): Promise<string> {
  const stream = channel.stream("m", {}, options);
  for (;;) {
    const step = (await stream.next()) as IteratorResult<unknown, string>;
    if (step.done === true) return step.value;
  }
}
