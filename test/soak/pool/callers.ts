import { ChannelError, RpcError, type Pool } from "@procwire/transport";
import { ExecutionLog, toldBy, type Told } from "../../support/execution-log.js";
import type { LoopLag } from "../lib/loop-lag.js";
import { Punctuality } from "../lib/punctuality.js";
import type { Random } from "../lib/random.js";

export const CALLERS = 64;
/** An idempotent request has the time for as many workers as die over it. */
const PATIENT_MS = 30_000;

interface Call {
  readonly method: string;
  readonly params: object;
  readonly timeout: number;
  readonly idempotent: boolean;
}

/** Callers that have one request in flight at any time: every other one such as may be sent again. What became of them. */
export class Callers {
  readonly log = new ExecutionLog();
  readonly punctuality: Punctuality;
  readonly outcomes = new Map<string, number>();
  /** From a fault until the rejections of what was lost by it. */
  readonly rejectionMs: number[] = [];
  issued = 0;
  settled = 0;
  idempotent = 0;
  wrongAnswers = 0;
  readonly random: Random;
  readonly #lag: LoopLag;
  /** Idempotent requests that were not answered, by how they failed. */
  readonly #unanswered = new Map<string, number>();
  readonly #told = new Map<string, Told>();
  readonly #open = new Set<string>();
  #faultAt = 0;
  #isOver = false;

  constructor(lag: LoopLag, random: Random) {
    this.#lag = lag;
    this.random = random;
    this.punctuality = new Punctuality(lag);
  }

  /** Requests that may run once only. */
  get witnessed(): number {
    return this.#told.size;
  }

  /** Idempotent requests that failed like this, or in any way. */
  unanswered(how: "any" | (string & {})): number {
    if (how !== "any") return this.#unanswered.get(how) ?? 0;
    return [...this.#unanswered.values()].reduce((all, times) => all + times, 0);
  }

  /** Resolves when all have heard of their last request. */
  async run(pool: Pool): Promise<void> {
    this.#isOver = false;
    const callOnAndOn = async (who: number): Promise<void> => {
      while (!this.#isOver) await this.call(pool, who % 2 === 0 ? this.#patient() : this.#single());
    };
    await Promise.all(Array.from({ length: CALLERS }, (_, who) => callOnAndOn(who)));
  }

  finish(): void {
    this.#isOver = true;
  }

  /** From now on requests are lost to this fault. */
  faultHappens(): void {
    this.#faultAt = performance.now();
  }

  /** Makes a request with a key of its own. Never rejects. */
  async call(pool: Pool, { method, params, timeout, idempotent }: Call): Promise<void> {
    const key = `${idempotent ? "again" : "once"} ${this.issued}`;
    this.issued += 1;
    if (idempotent) this.idempotent += 1;
    this.#open.add(key);
    const deadline = performance.now() + timeout;
    try {
      const answer = await pool.request<unknown>(method, { ...params, value: key, key }, { timeout, idempotent });
      if (answer !== key) this.wrongAnswers += 1;
      this.#settle(key, "answered", idempotent ? undefined : "answered");
    } catch (error) {
      const outcome = outcomeOf(error);
      if (idempotent) this.#unanswered.set(outcome, (this.#unanswered.get(outcome) ?? 0) + 1);
      else if (outcome.startsWith("WORKER_EXITED")) this.#countRejection();
      this.#settle(key, outcome, idempotent ? undefined : toldBy(error));
    }
    this.punctuality.happened(deadline);
  }

  /** Each lie that callers were told. To be called once, when all workers have ended. */
  lies(): string[] {
    return this.log.lies(this.#told);
  }

  #patient(): Call {
    return { ...this.#answered(), timeout: PATIENT_MS, idempotent: true };
  }

  /** One of a few is never answered, and so ends by its timeout. */
  #single(): Call {
    const isAnswered = this.random.next() < 0.8;
    const call = isAnswered ? this.#answered() : { method: "never", params: {} };
    const timeout = isAnswered ? this.random.between(100, 1_000) : this.random.between(1, 150);
    return { ...call, timeout, idempotent: false };
  }

  #answered(): Pick<Call, "method" | "params"> {
    if (this.random.next() < 0.3) return { method: "echo", params: {} };
    return { method: "later", params: { ms: Math.floor(this.random.between(1, 60)) } };
  }

  #countRejection(): void {
    const now = performance.now();
    this.rejectionMs.push(now - this.#faultAt - this.#lag.between(this.#faultAt, now));
  }

  #settle(key: string, outcome: string, told: Told | undefined): void {
    if (this.#open.delete(key)) this.settled += 1;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (told !== undefined) this.#told.set(key, told);
  }
}

function outcomeOf(error: unknown): string {
  if (error instanceof ChannelError) return `${error.code} ${error.delivery ?? ""}`.trimEnd();
  if (error instanceof RpcError) return `error ${error.code}`;
  return `unexpected: ${String(error)}`;
}
