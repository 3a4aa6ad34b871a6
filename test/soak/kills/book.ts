import { ChannelError, RpcError, type Channel } from "@procwire/transport";
import type { LoopLag } from "../lib/loop-lag.js";

interface Entry {
  readonly deadline: number;
  readonly channel: Channel;
}

/** What one channel must have counted in the end. */
interface Expected {
  admitted: number;
}

/** Every request by its unique key, from its issue to its outcome. */
export class Book {
  readonly faults = new Map<string, number>();
  readonly outcomes = new Map<string, number>();
  readonly endMs: number[] = [];
  issued = 0;
  settled = 0;
  wrongAnswers = 0;
  answersIgnored = 0;
  leftovers = 0;
  leastInFlight = Infinity;
  latestMs = 0;
  /** Requests whose channel counted another number of ends than there were. */
  unbalanced = 0;
  readonly #lag: LoopLag;
  readonly #open = new Map<string, Entry>();
  readonly #channels = new Map<Channel, Expected>();
  readonly #lateness: number[] = [];

  constructor(lag: LoopLag) {
    this.#lag = lag;
  }

  fault(name: string): void {
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
  }

  opened(channel: Channel): void {
    this.#channels.set(channel, { admitted: 0 });
  }

  issue(key: string, channel: Channel, timeout: number): void {
    this.issued += 1;
    this.#open.set(key, { deadline: performance.now() + timeout, channel });
    this.#expected(channel).admitted += 1;
  }

  answer(key: string, answer: unknown): void {
    if (answer !== key) this.wrongAnswers += 1;
    this.#settle(key, "answered");
  }

  fail(key: string, error: unknown): void {
    const entry = this.#settle(key, outcomeOf(key, error));
    // A channel that has ended refuses at once, and counts nothing.
    if (entry !== undefined && error instanceof ChannelError && error.delivery === "not-sent") {
      this.#expected(entry.channel).admitted -= 1;
    }
  }

  /** The channel has ended: each of its requests must have ended once. Whoever is told twice is counted twice. */
  close(channel: Channel): void {
    const { admitted } = this.#expected(channel);
    const { succeeded, refused, failed, inFlight, answersIgnored } = channel.stats();
    this.unbalanced += Math.abs(admitted - succeeded - refused - failed);
    this.leftovers += inFlight;
    this.answersIgnored += answersIgnored;
    this.#channels.delete(channel);
  }

  laterThan(milliseconds: number): number {
    return this.#lateness.filter((late) => late > milliseconds).length;
  }

  #settle(key: string, outcome: string): Entry | undefined {
    const entry = this.#open.get(key);
    this.#open.delete(key);
    if (entry === undefined) {
      this.unbalanced += 1;
      return undefined;
    }
    this.settled += 1;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.#checkTime(entry.deadline);
    return entry;
  }

  #checkTime(deadline: number): void {
    const now = performance.now();
    if (now <= deadline) return;
    const late = now - deadline - this.#lag.between(deadline, now);
    this.#lateness.push(late);
    this.latestMs = Math.max(this.latestMs, late);
  }

  #expected(channel: Channel): Expected {
    const expected = this.#channels.get(channel);
    if (expected === undefined) throw new Error("the channel is not in the book");
    return expected;
  }
}

function outcomeOf(key: string, error: unknown): string {
  if (error === cancelReason(key)) return "cancelled";
  if (error instanceof ChannelError) return `${error.code} ${error.delivery ?? ""}`.trimEnd();
  if (error instanceof RpcError) return `error ${error.code}`;
  return `unexpected: ${String(error)}`;
}

/** With what the request of this key is cancelled. */
export function cancelReason(key: string): string {
  return `cancel ${key}`;
}
