import { ChannelError, reasonOf } from "../errors.js";
import type { ChannelState } from "../channel/contract/events.js";
import type { CheckedOptions } from "../channel/contract/request-options.js";
import { Lasting } from "../channel/lasting.js";
import { afterRejections } from "../channel/outgoing/reject-traced.js";
import { LinkChannel } from "../channel/link-channel.js";
import { Unstopped } from "../channel/outgoing/unstopped.js";
import type { OpenedLink, SupervisedParts } from "./contract.js";
import { Deaths } from "./deaths.js";
import { Heartbeat } from "./heartbeat.js";
import { History } from "./history.js";
import { killStuck } from "./kill-stuck.js";
import { PendingLink } from "./pending-link.js";
import { RestartBudget } from "./restart-budget.js";

export interface LivesOptions extends SupervisedParts {
  /** Whether the first opening is tried again as later ones are, after this failure. Absent: it never is. */
  readonly retriesFirst?: ((error: unknown) => boolean) | undefined;
}

/** One worker, from the wish for it to its end. */
interface Life {
  /** From 1. */
  readonly generation: number;
  readonly channel: LinkChannel;
  readonly pending: PendingLink;
  heartbeat: Heartbeat | undefined;
  isOpen: boolean;
  kill: () => void;
}

/**
 * One worker after the other. There is always a channel to speak to: while no worker runs, its link is a `PendingLink`,
 * and what is said waits in it as it waits for room in a full one. A worker that ends takes nothing along but what it
 * was sent; what comes from it afterwards comes to a channel that has ended.
 */
export class Lives {
  readonly closed: Promise<ChannelError>;
  readonly lasting: Lasting = new Lasting();
  readonly history: History = new History();
  readonly deaths: Deaths = new Deaths();
  readonly #options: LivesOptions;
  readonly #budget: RestartBudget | undefined;
  readonly #abort = new AbortController();
  /** Links that were given up and have not let go of everything. */
  readonly #releasing = new Set<Promise<void>>();
  #life: Life;
  #opening: Promise<void> = Promise.resolve();
  /** There will be no other life. */
  #isOver = false;
  #isUnref = false;
  #closing: Promise<void> | undefined;
  #isReleased = false;
  #resolveClosed: (cause: ChannelError) => void = () => undefined;

  constructor(options: LivesOptions) {
    this.#options = options;
    this.#budget = options.restart === undefined ? undefined : new RestartBudget(options.restart);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#life = this.#conceive(1);
  }

  /** The channel of the worker that runs, or of the next one. */
  get channel(): LinkChannel {
    return this.#life.channel;
  }

  get heartbeat(): Heartbeat | undefined {
    return this.#life.heartbeat;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get state(): ChannelState {
    const { state } = this.#life.channel;
    if (state === "starting") return this.#life.generation === 1 ? "starting" : "restarting";
    return state === "closed" && this.#closing !== undefined && !this.#isReleased ? "closing" : state;
  }

  request(method: string, params: object | undefined, options: CheckedOptions): Promise<unknown> {
    return this.#life.channel.request(method, params, options);
  }

  /** Opens the first link. Rejects when that can't be done: there are no other lives then. */
  async start(): Promise<void> {
    const life = this.#life;
    let opened: OpenedLink;
    try {
      opened = await this.#options.open(this.#abort.signal, 0);
    } catch (error) {
      if (this.#mayRetry(error)) return this.#startLater(life, asOpenFailure(error));
      this.#isOver = true;
      life.channel.end(asOpenFailure(error));
      throw error;
    }
    await this.#begin(life, opened);
  }

  #mayRetry(error: unknown): boolean {
    return !this.#isOver && this.#budget !== undefined && this.#options.retriesFirst?.(error) === true;
  }

  /** Rejects with why the last attempt failed, or with the end of the channel. */
  async #startLater(life: Life, cause: ChannelError): Promise<void> {
    this.history.add(cause);
    this.#prepare(life, cause, Promise.resolve());
    try {
      await life.pending.flushed();
    } catch {
      const { ended = cause } = life.channel;
      throw ended.code === "RESTARTS_EXHAUSTED" ? (ended.cause as ChannelError) : ended;
    }
  }

  unref(): void {
    this.#isUnref = true;
    this.#life.channel.unref();
  }

  ref(): void {
    this.#isUnref = false;
    this.#life.channel.ref();
  }

  /** Ends everything, at whatever moment of a restart. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isOver = true;
    const released = this.#life.channel.close();
    this.lasting.registry.close();
    this.#abort.abort();
    await Promise.all([released, this.#opening, ...this.#releasing]);
    this.#isReleased = true;
  }

  #conceive(generation: number): Life {
    const pending = new PendingLink();
    const { killAfterCancelMs } = this.#options;
    const channel = new LinkChannel(
      { ...this.#options.parts, link: pending, pid: undefined },
      {
        lasting: this.lasting,
        isPending: true,
        onEnd: (cause) => this.#onEnd(life, cause)?.channel,
        unstopped:
          killAfterCancelMs === undefined
            ? undefined
            : new Unstopped(killAfterCancelMs, (method) => {
                killStuck(channel, life.kill, method, killAfterCancelMs);
              }),
      },
    );
    const life: Life = { generation, channel, pending, heartbeat: undefined, isOpen: false, kill: () => undefined };
    if (this.#isUnref) channel.unref();
    return life;
  }

  async #begin(life: Life, { link, pid, kill, vitals }: OpenedLink): Promise<void> {
    const { channel, pending } = life;
    // The channel was closed in the meantime.
    if (channel.ended !== undefined) return link.close();
    const { events, heartbeat, parts } = this.#options;
    life.isOpen = true;
    life.kill = kill;
    if (life.generation > 1) this.lasting.counters.restarts += 1;
    events.emit({ type: "started", pid });
    if (heartbeat !== undefined) {
      const { ping } = parts.dialect;
      life.heartbeat = new Heartbeat(heartbeat, { channel, kill, vitals, ping, counters: this.lasting.counters });
    }
    try {
      channel.attach(link, pid, parts.whenFull);
      pending.opened();
    } catch (error) {
      channel.end(asOpenFailure(error));
    }
  }

  /**
   * A life ends. Called before what is in flight is settled: whoever asks again at once speaks to the next life.
   * Returns that, for what was not sent.
   */
  #onEnd(life: Life, cause: ChannelError): Life | undefined {
    life.heartbeat?.stop();
    if (life.isOpen) this.#tellExit(life, cause);
    if (!this.#isOver) {
      const next = this.#succeed(life, cause);
      if (next !== undefined) return next;
    }
    // Those whose requests are in flight are told first: that is done when this has returned.
    queueMicrotask(() => {
      void afterRejections().then(() => {
        this.#resolveClosed(cause);
      });
    });
    return undefined;
  }

  #tellExit({ channel }: Life, cause: ChannelError): void {
    const { exitCode, signal, stderr } = cause;
    this.deaths.add(cause, channel.outgoing.sent().length);
    if (!this.#isOver) this.history.add(cause);
    this.#options.events.emit({ type: "exited", pid: channel.pid, exitCode, signal, stderr, reason: cause });
  }

  #succeed(life: Life, cause: ChannelError): Life | undefined {
    if (this.#budget === undefined) {
      this.#isOver = true;
      return undefined;
    }
    const next = this.#conceive(life.generation + 1);
    this.#life = next;
    // Not before this life has let go of what the next one may need.
    const released = Promise.resolve().then(() => life.channel.released);
    this.#releasing.add(released);
    void released.then(() => this.#releasing.delete(released));
    this.#prepare(next, cause, released, life.channel.pid);
    return next;
  }

  /** Plans the opening of a life's link, or gives up. */
  #prepare(life: Life, cause: ChannelError, released: Promise<void>, pid?: number): void {
    const plan = this.#budget?.plan(performance.now(), Math.random());
    if (plan === undefined) {
      this.#giveUp(life, cause);
      return;
    }
    this.#options.events.emit({ type: "restarting", pid, ...plan });
    this.#opening = this.#openAfter(life, plan.delayMs, released);
  }

  async #openAfter(life: Life, delayMs: number, released: Promise<void>): Promise<void> {
    await Promise.all([life.pending.pause(delayMs), released]);
    if (life.channel.ended !== undefined) return;
    let opened: OpenedLink;
    try {
      opened = await this.#options.open(this.#abort.signal, 0);
    } catch (error) {
      if (this.#isOver) return;
      const cause = asOpenFailure(error);
      this.history.add(cause);
      if (life.generation > 1 || this.#mayRetry(error)) this.#prepare(life, cause, Promise.resolve());
      else this.#giveUp(life, cause);
      return;
    }
    await this.#begin(life, opened);
  }

  /** After what was not sent has come to the last life, which has no link and never will. */
  #giveUp(life: Life, cause: ChannelError): void {
    const reason = this.#exhausted(cause);
    this.#isOver = true;
    this.#options.events.emit({ type: "gave-up", reason });
    queueMicrotask(() => {
      life.channel.end(reason);
    });
  }

  #exhausted(cause: ChannelError): ChannelError {
    const { maxRestarts = 0, withinMs = 0 } = this.#options.restart ?? {};
    return this.history.exhausted(cause, maxRestarts, withinMs);
  }
}

/** What a link that could not be opened is for a channel. */
export function asOpenFailure(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new ChannelError("SPAWN_FAILED", `The worker could not be started: ${reasonOf(error)}`, { cause: error });
}
