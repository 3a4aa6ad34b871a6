import { ChannelError } from "../../errors.js";
import { Lasting } from "../../channel/lasting.js";
import type { LinkChannel } from "../../channel/link-channel.js";
import type { OpenedLink, SupervisedParts } from "../contract.js";
import { Deaths } from "../deaths.js";
import { History } from "../history.js";
import { asOpenFailure } from "../lives.js";
import { Member, type MemberOptions } from "./member.js";
import { PoolBudget } from "./pool-budget.js";
import { Slot } from "./slot.js";

/** What the pool does about its workers. */
export interface Host {
  /** A worker has come that serves. */
  readonly ready: (member: Member) => void;
  /** A place has come or gone. */
  readonly changed: () => void;
  /** There is no worker, and there will be none. */
  readonly over: (cause: ChannelError) => void;
  /** Where the requests go that a worker was not sent any more. */
  readonly heir: () => LinkChannel;
}

/**
 * The workers of a pool, each in its place. One that ends is followed by a spare worker at once, or by a new one within
 * the budget, which all places share: when that is used up they wait for it, as long as somebody serves, and when nobody
 * does, that is the end of the pool.
 */
export class Workers {
  readonly slots: Slot[] = [];
  readonly spares: Slot[] = [];
  /** Those that serve: what the pool chooses from. */
  readonly ready: Member[] = [];
  /** Those that finish what they have, and their release. */
  readonly leaving: Map<Member, Promise<void>> = new Map<Member, Promise<void>>();
  readonly shared: Lasting = new Lasting();
  /** The counts of workers that have ended. */
  readonly past: Lasting = new Lasting(this.shared);
  readonly history: History = new History();
  readonly deaths: Deaths = new Deaths();
  isOver = false;
  isUnref = false;
  readonly #options: SupervisedParts;
  readonly #host: Host;
  readonly #budget: PoolBudget | undefined;
  readonly #memberOptions: MemberOptions;
  readonly #abort = new AbortController();
  readonly #openings = new Set<Promise<unknown>>();

  constructor(options: SupervisedParts, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#budget = options.restart === undefined ? undefined : new PoolBudget(options.restart);
    const { parts, heartbeat, killAfterCancelMs } = options;
    this.#memberOptions = {
      parts,
      heartbeat,
      killAfterCancelMs,
      shared: this.shared,
      onGone: (member) => {
        this.#unserve(member);
      },
      onEnd: (member, cause) => this.#onEnd(member, cause),
    };
  }

  /** All that run, whatever for. */
  members(): Member[] {
    const placed = [...this.slots, ...this.spares].map(({ member }) => member).filter((one) => one !== undefined);
    return [...placed, ...this.leaving.keys()];
  }

  /** A place more, with the lowest number that is free, and its worker to come. */
  add(): Slot {
    const taken = new Set(this.slots.map(({ id }) => id));
    let id = 0;
    while (taken.has(id)) id += 1;
    const slot = new Slot(id, this.#options.restart);
    this.slots.push(slot);
    this.#host.changed();
    return slot;
  }

  addSpare(): Slot {
    const slot = new Slot(this.spares.length, this.#options.restart);
    this.spares.push(slot);
    return slot;
  }

  /** Starts the worker of a place: the first one. Rejects when it can't be started; it is tried again then. */
  async start(slot: Slot): Promise<void> {
    const spare = this.spares.includes(slot) ? undefined : this.#promote(slot);
    if (spare !== undefined) {
      // In its own time: whoever has asked for a worker is not to wait for the next spare one.
      this.start(spare).catch(() => undefined);
      return;
    }
    slot.awaits = "start";
    try {
      void this.seat(slot, await this.open(slot));
    } catch (error) {
      const cause = asOpenFailure(error);
      if (!this.isOver && !slot.isRetired) this.#failed(slot, cause);
      throw cause;
    }
  }

  /** A worker for the place, which does not serve yet. Rejects when it can't be started, or nobody wants it any more. */
  async open(slot: Slot): Promise<Member> {
    const opening = this.#open(slot);
    const settled = opening.then(
      () => undefined,
      () => undefined,
    );
    this.#openings.add(settled);
    void settled.then(() => this.#openings.delete(settled));
    return opening;
  }

  async #open(slot: Slot): Promise<Member> {
    const opened: OpenedLink = await this.#options.open(this.#abort.signal, slot.id);
    if (this.isOver || slot.isRetired) {
      await opened.link.close();
      throw new ChannelError("CHANNEL_CLOSED", "The worker that was being started is not wanted any more.");
    }
    return new Member(slot.id, opened, this.#memberOptions);
  }

  /** The worker serves in this place from now on. Resolves when one that served there before it has left. */
  seat(slot: Slot, member: Member): Promise<void> {
    const before = slot.member;
    slot.take(member);
    if (this.isUnref) member.channel.unref();
    this.#options.events.emit({ type: "started", pid: member.pid });
    member.begin();
    if (slot.member === member && !this.spares.includes(slot) && !member.channel.isGone) this.#serve(member);
    return before === undefined ? Promise.resolve() : this.leave(before);
  }

  /** It finishes what it has, and is closed then. */
  leave(member: Member): Promise<void> {
    this.#unserve(member);
    member.isDraining = true;
    const left = member.quiet().then(() => member.channel.close());
    this.leaving.set(member, left);
    return left.then(() => {
      this.leaving.delete(member);
    });
  }

  /** A place less. Its worker finishes what it has. */
  async remove(slot: Slot): Promise<void> {
    slot.retire();
    const at = this.slots.indexOf(slot);
    if (at >= 0) this.slots.splice(at, 1);
    const { member } = slot;
    slot.member = undefined;
    this.#host.changed();
    if (member !== undefined) await this.leave(member);
  }

  /** Ends all. Resolves when everything is released. */
  async close(): Promise<void> {
    this.isOver = true;
    this.#abort.abort();
    const members = this.members();
    for (const slot of [...this.slots, ...this.spares]) slot.retire();
    await Promise.all([...members.map(({ channel }) => channel.close()), ...this.#openings]);
  }

  /** There is no worker, and there will be none. */
  over(cause: ChannelError): void {
    this.isOver = true;
    this.#host.over(cause);
  }

  #serve(member: Member): void {
    this.ready.push(member);
    this.#host.ready(member);
  }

  #unserve(member: Member): void {
    const at = this.ready.indexOf(member);
    if (at >= 0) this.ready.splice(at, 1);
  }

  /** A spare worker takes the place at once, if there is one. Returns the place that it has left. */
  #promote(slot: Slot): Slot | undefined {
    const spare = this.spares.find(({ member }) => member?.channel.isGone === false);
    if (spare?.member === undefined) return undefined;
    const { member } = spare;
    spare.member = undefined;
    slot.take(member);
    this.#serve(member);
    return spare;
  }

  /** A worker ends. Called before what is in flight is settled. */
  #onEnd(member: Member, cause: ChannelError): LinkChannel | undefined {
    const { pid, channel } = member;
    const { exitCode, signal, stderr } = cause;
    this.deaths.add(cause, channel.outgoing.sent().length);
    this.#unserve(member);
    // What it counts for its own end is counted in a moment.
    queueMicrotask(() => {
      this.past.counters.add(member.lasting.counters);
    });
    this.#options.events.emit({ type: "exited", pid, exitCode, signal, stderr, reason: cause });
    if (this.isOver) return undefined;
    const slot = [...this.slots, ...this.spares].find((one) => one.member === member);
    if (slot !== undefined) this.#lost(slot, cause, pid);
    return this.#heir();
  }

  #heir(): LinkChannel | undefined {
    return this.isOver ? undefined : this.#host.heir();
  }

  #lost(slot: Slot, cause: ChannelError, pid: number | undefined): void {
    slot.member = undefined;
    this.history.add(cause);
    const spare = this.spares.includes(slot) ? undefined : this.#promote(slot);
    if (spare !== undefined) this.#countRestart(slot);
    this.#plan(spare ?? slot, cause, pid);
  }

  #countRestart(slot: Slot): void {
    slot.restarts += 1;
    this.past.counters.restarts += 1;
  }

  #failed(slot: Slot, cause: ChannelError): void {
    this.history.add(cause);
    this.#plan(slot, cause, undefined);
  }

  /** Plans the next start in this place, waits for the budget, or gives up. */
  #plan(slot: Slot, cause: ChannelError, pid: number | undefined): void {
    slot.awaits = "nothing";
    if (this.#budget === undefined || slot.pace === undefined) {
      void this.remove(slot);
      if (this.slots.length === 0) this.over(cause);
      return;
    }
    const plan = this.#budget.plan(slot.pace, performance.now(), Math.random());
    if ("postponedMs" in plan) {
      this.#postpone(slot, cause, pid, plan.postponedMs);
      return;
    }
    this.#options.events.emit({ type: "restarting", pid, ...plan });
    slot.after(plan.delayMs, "delay", this.isUnref, () => void this.#restart(slot));
  }

  #postpone(slot: Slot, cause: ChannelError, pid: number | undefined, milliseconds: number): void {
    if (this.slots.some((one) => one.isHopeful)) {
      slot.after(milliseconds, "budget", this.isUnref, () => {
        this.#plan(slot, cause, pid);
      });
      return;
    }
    const { maxRestarts = 0, withinMs = 0 } = this.#options.restart ?? {};
    const reason = this.history.exhausted(cause, maxRestarts, withinMs);
    this.#options.events.emit({ type: "gave-up", reason });
    this.over(reason);
  }

  async #restart(slot: Slot): Promise<void> {
    slot.awaits = "start";
    try {
      const member = await this.open(slot);
      this.#countRestart(slot);
      void this.seat(slot, member);
    } catch (error) {
      if (!this.isOver && !slot.isRetired) this.#failed(slot, asOpenFailure(error));
    }
  }
}
