/**
 * What a supervised channel should do, written as a table of states on a clock of its own, without promises: `ready`,
 * `waiting` (for the delay to be over), `opening` (a start takes its time), `over`.
 */
export interface Policy {
  readonly maxRestarts: number;
  readonly withinMs: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** How one start goes. */
export interface Opening {
  readonly takesMs: number;
  readonly fails: boolean;
}

export type Outcome =
  "answered" | "WORKER_EXITED" | "QUARANTINED" | "RESTARTS_EXHAUSTED" | "TIMEOUT" | "CHANNEL_CLOSED" | undefined;

export interface ModelRequest {
  readonly isIdempotent: boolean;
  /** Infinity for none. */
  readonly deadline: number;
  deaths: number;
  isSent: boolean;
  outcome: Outcome;
}

export class ReferenceModel {
  now = 0;
  state: "ready" | "waiting" | "opening" | "over" = "ready";
  starts = 1;
  readonly events: string[] = [];
  readonly requests: ModelRequest[] = [];
  readonly #policy: Policy;
  /** From 0 to 1, the same for every delay of this history. */
  readonly #random: number;
  readonly #openings: readonly Opening[];
  #opened = 0;
  #restarts: number[] = [];
  #due = Infinity;
  #refusesWith: Outcome;

  constructor(policy: Policy, random: number, openings: readonly Opening[]) {
    this.#policy = policy;
    this.#random = random;
    this.#openings = openings;
  }

  get channelState(): string {
    if (this.state === "over") return this.#due === Infinity ? "closed" : "closing";
    return this.state === "ready" ? "ready" : "restarting";
  }

  request(isIdempotent: boolean, timeout: number): void {
    const deadline = timeout === 0 ? Infinity : this.now + timeout;
    const outcome = this.state === "over" ? this.#refusesWith : undefined;
    this.requests.push({ isIdempotent, deadline, deaths: 0, isSent: this.state === "ready", outcome });
  }

  answerAll(): void {
    for (const request of this.#open()) if (request.isSent) request.outcome = "answered";
  }

  die(): void {
    if (this.state !== "ready") return;
    this.events.push("exited");
    const lost = this.#open().filter(({ isSent }) => isSent);
    const goesOn = this.#plan();
    for (const request of lost) {
      request.deaths += 1;
      request.isSent = false;
      if (!request.isIdempotent || !goesOn) request.outcome = "WORKER_EXITED";
      else if (request.deaths === 2) request.outcome = "QUARANTINED";
    }
    if (!goesOn) this.#end("RESTARTS_EXHAUSTED");
  }

  close(): void {
    if (this.state === "over") return;
    if (this.state === "ready") this.events.push("exited");
    // A start that is under way is waited for.
    if (this.state !== "opening") this.#due = Infinity;
    this.state = "over";
    this.#end("CHANNEL_CLOSED");
  }

  /** One step: what is due by then happens in its order. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const deadline = Math.min(Infinity, ...this.#open().map((request) => request.deadline));
      const next = Math.min(deadline, this.#due);
      if (next > end) break;
      this.now = next;
      if (next === deadline) this.#timeOut(deadline);
      else this.#proceed();
    }
    this.now = end;
  }

  #timeOut(deadline: number): void {
    for (const request of this.#open()) if (request.deadline === deadline) request.outcome = "TIMEOUT";
  }

  #proceed(): void {
    if (this.state === "waiting") {
      this.state = "opening";
      this.#due = this.now + this.#openings[this.#opened]!.takesMs;
      return;
    }
    const { fails } = this.#openings[this.#opened]!;
    this.#opened += 1;
    this.#due = Infinity;
    if (this.state === "over") {
      if (!fails) this.starts += 1;
      return;
    }
    if (fails) {
      if (!this.#plan()) this.#end("RESTARTS_EXHAUSTED");
      return;
    }
    this.state = "ready";
    this.starts += 1;
    this.events.push("started");
    for (const request of this.#open()) request.isSent = true;
  }

  /** False when the budget is used up. */
  #plan(): boolean {
    const { maxRestarts, withinMs, minDelayMs, maxDelayMs } = this.#policy;
    this.#restarts = this.#restarts.filter((time) => this.now - time < withinMs);
    if (this.#restarts.length >= maxRestarts) {
      this.events.push("gave-up");
      this.state = "over";
      return false;
    }
    this.#restarts.push(this.now);
    let bound = minDelayMs;
    for (let doubled = 0; doubled < this.#restarts.length && bound < maxDelayMs; doubled += 1) bound *= 2;
    const delayMs = minDelayMs + this.#random * (Math.min(bound, maxDelayMs) - minDelayMs);
    this.events.push(`restarting ${this.#restarts.length} ${delayMs}`);
    this.state = "waiting";
    this.#due = this.now + delayMs;
    return true;
  }

  #end(outcome: Outcome): void {
    for (const request of this.#open()) request.outcome = outcome;
    this.#refusesWith = outcome;
  }

  #open(): ModelRequest[] {
    return this.requests.filter(({ outcome }) => outcome === undefined);
  }
}
