import { ChannelError } from "../../errors.js";
import { MAX_TIMER_MS } from "../../limits.js";
import type { ChannelState } from "../../channel/contract/events.js";
import type { CheckedOptions } from "../../channel/contract/request-options.js";
import type { HandlerRegistry } from "../../channel/incoming/registry.js";
import { afterRejections } from "../../channel/outgoing/reject-traced.js";
import { Lasting } from "../../channel/lasting.js";
import type { Breaker } from "../breaker.js";
import type { Deaths } from "../deaths.js";
import { Repeats, type Carrier } from "../repeats.js";
import { RetryBudget, type Tally } from "../retry-budget.js";
import { Changes } from "./changes.js";
import { Dispatch } from "./dispatch.js";
import type { Bounds } from "./options.js";
import { Queue } from "./queue.js";
import { Upkeep } from "./upkeep.js";
import { Workers, type WorkersOptions } from "./workers.js";

export interface CoreOptions extends WorkersOptions {
  /** Among the interceptors; only asked for its state here. */
  readonly breaker: Breaker | undefined;
}

/** A pool without its face: its workers, its queue, and its end. */
export class Core implements Carrier, Tally {
  readonly options: CoreOptions;
  readonly closed: Promise<ChannelError>;
  readonly workers: Workers;
  readonly queue: Queue;
  readonly changes: Changes;
  readonly dispatch: Dispatch;
  readonly repeats: Repeats;
  /** Why nothing more is taken; `undefined` as long as something is. */
  refusal: ChannelError | undefined;
  readonly #upkeep: Upkeep;
  #ended: ChannelError | undefined;
  #hasStarted = false;
  #closing: Promise<void> | undefined;
  #isReleased = false;
  #resolveClosed: (cause: ChannelError) => void = () => undefined;

  constructor(options: CoreOptions) {
    const { parts, policy } = options;
    this.options = options;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.workers = new Workers(options, {
      ready: (member) => {
        this.dispatch.came(member);
      },
      changed: () => {
        this.queue.relane();
        this.dispatch.pumpSoon();
      },
      over: (cause) => {
        this.#end(cause);
      },
      heir: () => this.queue.channel,
    });
    const places = (): number[] => this.workers.slots.map(({ id }) => id);
    this.queue = new Queue(parts, new Lasting(this.workers.shared), places, () => {
      this.dispatch.pumpSoon();
    });
    this.changes = new Changes(this.workers, policy.bounds);
    this.#upkeep = new Upkeep(policy, this.workers, this.changes, parts.onError);
    this.dispatch = new Dispatch(this.workers, this.queue, this.#upkeep);
    this.repeats = new Repeats(this, new RetryBudget(this), parts.timeout);
  }

  /** Starts the first workers. Rejects when one of them can't be started: the others are ended then. */
  async start(): Promise<void> {
    const { bounds, spares } = this.options.policy;
    const slots = Array.from({ length: bounds.min }, () => this.workers.add());
    try {
      await Promise.all(slots.map((slot) => this.workers.start(slot)));
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#hasStarted = true;
    for (let n = 0; n < spares; n += 1) this.workers.start(this.workers.addSpare()).catch(() => undefined);
    this.#upkeep.start();
  }

  get registry(): HandlerRegistry {
    return this.workers.shared.registry;
  }

  get ended(): ChannelError | undefined {
    return this.#ended;
  }

  get state(): ChannelState {
    if (this.#ended !== undefined) return this.#isReleased ? "closed" : "closing";
    if (this.refusal !== undefined) return "closing";
    if (this.workers.ready.length > 0) return "ready";
    return this.#hasStarted ? "restarting" : "starting";
  }

  get isOver(): boolean {
    return this.workers.isOver;
  }

  get deaths(): Deaths {
    return this.workers.deaths;
  }

  get answers(): number {
    const { past } = this.workers;
    return this.workers.members().reduce((sum, { lasting }) => sum + lasting.counters.answers, past.counters.answers);
  }

  repeat(): void {
    this.workers.past.counters.repeat();
  }

  /** One attempt at a request. */
  request(method: string, params: object | undefined, checked: CheckedOptions): Promise<unknown> {
    return this.dispatch.channelFor(checked.key).request(method, params, checked);
  }

  async resize(bounds: Bounds): Promise<void> {
    await this.changes.resize(bounds);
    this.#upkeep.start();
  }

  /** Throws where the pool is closed, or about to be. */
  assertOpen(what: string): void {
    if (this.refusal === undefined) return;
    const { code, message } = this.refusal;
    throw new ChannelError(code, `${what}: ${message}`, { cause: this.refusal });
  }

  /** False: it keeps the process alive only while a request waits for its answer. */
  hold(isHeld: boolean): void {
    const { workers } = this;
    workers.isUnref = !isHeld;
    for (const { channel } of workers.members())
      if (isHeld) channel.ref();
      else channel.unref();
    for (const slot of [...workers.slots, ...workers.spares])
      if (isHeld) slot.ref();
      else slot.unref();
  }

  /** Takes nothing more, and waits until all that was made has settled; at most so long. */
  async drain(timeout: number): Promise<void> {
    this.refusal ??= new ChannelError("CHANNEL_CLOSED", "The pool takes no more requests: drain() was called.");
    await within(timeout, this.#settled());
  }

  async #settled(): Promise<void> {
    while (!this.isOver) {
      const busy = this.workers.members().filter(({ load }) => load > 0);
      if (busy.length === 0 && this.queue.isEmpty) return;
      // What waits for a worker that is still to come, and what is sent again, is seen in the next round.
      await Promise.race([this.closed, busy.length === 0 ? this.dispatch.nextWorker() : busy[0]?.quiet()]);
    }
  }

  close(): Promise<void> {
    this.#end(new ChannelError("CHANNEL_CLOSED", "The channel was closed by this side."));
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const released = this.workers.close();
    this.registry.close();
    await released;
    this.#isReleased = true;
  }

  /** The one place where a pool ends; the first cause wins. */
  #end(cause: ChannelError): void {
    if (this.#ended !== undefined) return;
    this.#ended = cause;
    this.refusal = cause;
    this.workers.isOver = true;
    this.#upkeep.stop();
    void this.close();
    this.queue.end(cause);
    // Those whose requests were in flight are told first, of the worker as well with which it has ended just now.
    queueMicrotask(() => {
      void afterRejections().then(() => {
        this.#resolveClosed(cause);
      });
    });
  }
}

async function within(milliseconds: number, settled: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    if (milliseconds <= MAX_TIMER_MS) timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([settled, timeUp]);
  clearTimeout(timer);
}
