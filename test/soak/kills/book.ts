import { ChannelError, RpcError, type Channel } from "@procwire/transport";
import { toldBy, type ExecutionLog, type Told } from "../../support/execution-log.js";
import type { LoopLag } from "../lib/loop-lag.js";
import { Punctuality } from "../lib/punctuality.js";

const MAX_LIES_SHOWN = 10;

interface Entry {
  readonly deadline: number;
  readonly channel: Channel;
}

/** What one channel must have counted in the end, and what its callers were told. */
interface Account {
  admitted: number;
  readonly told: Map<string, Told>;
  readonly log: ExecutionLog | undefined;
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
  /** Requests whose channel counted another number of ends than there were. */
  unbalanced = 0;
  /** Requests to workers that note what they execute. */
  readonly told: Record<Told, number> = { answered: 0, "not-sent": 0, unknown: 0 };
  /** Of those: executed although told as not sent, or not exactly once although answered. */
  liesTold = 0;
  readonly lies: string[] = [];
  readonly punctuality: Punctuality;
  readonly #open = new Map<string, Entry>();
  readonly #accounts = new Map<Channel, Account>();

  constructor(lag: LoopLag) {
    this.punctuality = new Punctuality(lag);
  }

  fault(name: string): void {
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
  }

  /** @param log where its worker notes what it executes; `undefined` for a worker that does not */
  opened(channel: Channel, log: ExecutionLog | undefined): void {
    this.#accounts.set(channel, { admitted: 0, told: new Map(), log });
  }

  /** Makes the request. One that is refused at once is never in flight, and the channel counts nothing of it. */
  issue<Result>(key: string, channel: Channel, timeout: number, request: () => Promise<Result>): Promise<Result> {
    this.issued += 1;
    this.#open.set(key, { deadline: performance.now() + timeout, channel });
    const before = channel.stats().inFlight;
    const outcome = request();
    if (channel.stats().inFlight > before) this.#account(channel).admitted += 1;
    return outcome;
  }

  answer(key: string, answer: unknown): void {
    if (answer !== key) this.wrongAnswers += 1;
    this.#settle(key, "answered", "answered");
  }

  fail(key: string, error: unknown): void {
    this.#settle(key, outcomeOf(key, error), toldBy(error));
  }

  /** The channel has ended: each of its requests must have ended once. Whoever is told twice is counted twice. */
  close(channel: Channel): void {
    const { admitted, told, log } = this.#account(channel);
    const { succeeded, refused, failed, inFlight, answersIgnored } = channel.stats();
    this.unbalanced += Math.abs(admitted - succeeded - refused - failed);
    this.leftovers += inFlight;
    this.answersIgnored += answersIgnored;
    this.#accounts.delete(channel);
    if (log !== undefined) this.#compare(told, log);
  }

  #compare(told: ReadonlyMap<string, Told>, log: ExecutionLog): void {
    const lies = log.lies(told);
    if (this.lies.length < MAX_LIES_SHOWN) this.lies.push(...lies);
    this.liesTold += lies.length;
    for (const what of told.values()) this.told[what] += 1;
  }

  #settle(key: string, outcome: string, told: Told): void {
    const entry = this.#open.get(key);
    this.#open.delete(key);
    if (entry === undefined) {
      this.unbalanced += 1;
      return;
    }
    this.#account(entry.channel).told.set(key, told);
    this.settled += 1;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.punctuality.happened(entry.deadline);
  }

  #account(channel: Channel): Account {
    const account = this.#accounts.get(channel);
    if (account === undefined) throw new Error("the channel is not in the book");
    return account;
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
