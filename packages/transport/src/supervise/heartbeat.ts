import { ChannelError, RpcError } from "../errors.js";
import type { LinkChannel } from "../channel/link-channel.js";
import type { Counters } from "../channel/records/counters.js";
import type { OpenedLink, Vitals } from "./contract.js";
import type { HeartbeatPolicy } from "./heartbeat-options.js";

/** Node's timers can let the process go; the web's are numbers. */
type Timer = Partial<Record<"ref" | "unref", () => void>> | undefined;

/** Whoever is asked. */
export interface Patient extends Pick<OpenedLink, "kill" | "vitals"> {
  readonly channel: LinkChannel;
  /** The method that is answered by whoever reads; `undefined` where the dialect has none. */
  readonly ping: string | undefined;
  readonly counters: Counters;
}

/** A timer that is late by more than this part of its time says that this process was stalled. */
const STALLED = 0.5;

/**
 * Asks a worker again and again whether it lives, and kills the one that says nothing at all. Anything that arrives is a
 * sign of life, also an answer that knows no such method.
 *
 * Silence has other causes as well. This process may have been stalled: then there is another question. The worker may
 * compute, and have one thread for all it does: that is seen by the CPU time it uses, where the system tells. And one
 * that has never answered a question may know none: of that one only silence while it is stopped counts.
 */
export class Heartbeat {
  readonly #policy: HeartbeatPolicy;
  readonly #patient: Patient;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;
  /** A question has no answer yet. */
  #isWaiting = false;
  #hasAnswered = false;
  #askedAt = 0;
  /** As they were at the last look. */
  #bytes = 0;
  #vitals: Vitals | undefined;
  #missed = 0;
  #roundTripMs: number | undefined;

  constructor(policy: HeartbeatPolicy, patient: Patient) {
    this.#policy = policy;
    this.#patient = patient;
    this.#bytes = patient.counters.bytesReceived;
    this.#after(policy.intervalMs, () => {
      this.#beat();
    });
  }

  /** How long the last answer took. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** How many questions of its own wait for an answer. */
  get asking(): number {
    return this.#isWaiting ? 1 : 0;
  }

  /** How many times in a row there was no sign of life. */
  get missed(): number {
    return this.#missed;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #beat(): void {
    this.#askedAt = performance.now();
    this.#vitals = this.#patient.vitals();
    const { ping, channel } = this.#patient;
    if (!this.#isWaiting && ping !== undefined && !channel.isGone) void this.#ask(ping, this.#askedAt);
    this.#await();
  }

  async #ask(ping: string, askedAt: number): Promise<void> {
    this.#isWaiting = true;
    try {
      await this.#patient.channel.request(ping, undefined, { timeout: Infinity });
      this.#answered(askedAt);
    } catch (error) {
      // That a method is not known is an answer, too. Any other error: it could not be asked, or has ended.
      if (error instanceof RpcError) this.#answered(askedAt);
    }
    this.#isWaiting = false;
  }

  #answered(askedAt: number): void {
    this.#roundTripMs = performance.now() - askedAt;
    this.#hasAnswered = true;
    this.#missed = 0;
  }

  #await(): void {
    const { timeoutMs } = this.#policy;
    const due = performance.now() + timeoutMs;
    this.#after(timeoutMs, () => {
      const isStalled = performance.now() - due > timeoutMs * STALLED;
      // Timers run before input is read: what has arrived meanwhile is to be heard first.
      this.#after(0, () => {
        this.#look(isStalled);
      });
    });
  }

  #look(isStalled: boolean): void {
    const { bytesReceived } = this.#patient.counters;
    const isSilent = this.#isWaiting && bytesReceived === this.#bytes;
    this.#bytes = bytesReceived;
    if (isSilent && isStalled) {
      this.#await();
      return;
    }
    this.#missed = isSilent ? this.#missed + 1 : 0;
    if (this.#missed >= this.#policy.misses && this.#isDead()) {
      this.#kill();
      return;
    }
    const next = this.#askedAt + this.#policy.intervalMs - performance.now();
    this.#after(Math.max(next, 0), () => {
      this.#beat();
    });
  }

  #isDead(): boolean {
    const before = this.#vitals;
    const now = this.#patient.vitals();
    if (now?.isStopped === true) return true;
    const isBusy = now !== undefined && (now.isRunning || now.cpuMs > (before?.cpuMs ?? 0));
    return this.#hasAnswered && !isBusy;
  }

  #kill(): void {
    const { channel, kill } = this.#patient;
    this.stop();
    kill();
    const text = `The worker did not answer ${this.#missed} heartbeats in a row, and was killed.`;
    channel.end(new ChannelError("WORKER_EXITED", text, { exitCode: null, signal: "SIGKILL" }));
  }

  #after(milliseconds: number, callback: () => void): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(callback, milliseconds);
    // The link keeps the process alive, and not the questions.
    (this.#timer as Timer)?.unref?.();
  }
}
