import { numberFrom } from "../../checks/kinds.js";
import type { Check } from "../../checks/options.js";
import { hasManyCpus, mayRunElsewhere } from "./second-cpu.js";

/** Every so manieth write is done the other way, to learn whether that would be better by now. */
const TRY_OTHER_EVERY = 32;
/** How much one answer counts in the running averages. */
const WEIGHT = 1 / 8;
/** Polling costs CPU time, so it must be this much faster to be worth it. */
const WORTH_IT = 0.75;
/**
 * An answer that took longer than so many times the polling counts as that long: what took a while was something else than
 * waking up, and a single such answer must not outweigh a hundred quick ones.
 */
const LONGEST = 4;

/**
 * Keeps the event loop from sleeping for a moment after a write, so that an answer that comes at once is read at once:
 * waking a process up can take several times longer than such an answer.
 *
 * Whether that pays depends on the worker and on who else wants the CPUs, so both ways are measured: it polls while
 * answers come clearly sooner by it, and never where the other side needs the only CPU.
 */
export class BusyPoll {
  readonly #otherPid: () => number | undefined;
  #milliseconds: number;
  #knowsCpus = hasManyCpus();
  /** How long answers took, in milliseconds, when it polled and when it did not. */
  readonly #average = { polled: 0, unpolled: Infinity };
  #writes = 0;
  #writtenAt = 0;
  #isWaiting = false;
  #isPolling = false;
  #didPoll = false;

  /**
   * @param microseconds how long to poll at most; 0 for never
   * @param otherPid the process on the other side, where it is one of this machine
   */
  constructor(microseconds: number, otherPid: () => number | undefined = () => undefined) {
    this.#milliseconds = microseconds / 1000;
    this.#otherPid = otherPid;
  }

  /** Something was written that may be answered. */
  written(): void {
    if (this.#milliseconds === 0 || this.#isWaiting || !this.#knowsCpus) return;
    this.#isWaiting = true;
    this.#writtenAt = performance.now();
    this.#writes += 1;
    const isWorthIt = this.#average.polled < this.#average.unpolled * WORTH_IT;
    this.#didPoll = this.#writes % TRY_OTHER_EVERY === 0 ? !isWorthIt : isWorthIt;
    if (!this.#didPoll || this.#isPolling) return;
    this.#isPolling = true;
    setImmediate(this.#poll);
  }

  /** Something arrived. */
  arrived(): void {
    if (!this.#knowsCpus) this.#findCpus();
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    const took = Math.min(performance.now() - this.#writtenAt, LONGEST * this.#milliseconds);
    const way = this.#didPoll ? "polled" : "unpolled";
    const average = this.#average[way];
    this.#average[way] = average === Infinity || average === 0 ? took : average + (took - average) * WEIGHT;
  }

  /** Not before something has arrived: a worker may still be on its way to the CPU that it is bound to. */
  #findCpus(): void {
    this.#knowsCpus = true;
    if (this.#milliseconds > 0 && !mayRunElsewhere(this.#otherPid())) this.#milliseconds = 0;
  }

  readonly #poll = (): void => {
    if (this.#isWaiting && this.#didPoll && performance.now() - this.#writtenAt < this.#milliseconds) {
      setImmediate(this.#poll);
    } else {
      this.#isPolling = false;
    }
  };
}

/** The option `spinUs`. */
export const microsecondsToSpin: Check<number> = numberFrom(0, 10_000, "microseconds");
export const DEFAULT_SPIN_US = 50;
