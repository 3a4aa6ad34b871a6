import { MAX_TIMER_MS } from "../../limits.js";
import { RestartBudget } from "../restart-budget.js";
import type { RestartPolicy } from "../restart-options.js";
import type { Member } from "./member.js";

/** Node's timers can let the process go; the web's are numbers. */
type Timer = Partial<Record<"ref" | "unref", () => void>> | undefined;

/** What a place without a worker waits for: its start, the delay before that, or a budget for it. */
export type Awaiting = "nothing" | "start" | "delay" | "budget";

/** A place for a worker. It keeps its number, and so its keys, whoever serves there. */
export class Slot {
  readonly id: number;
  /** Delays grow by the deaths in this place; how many there may be is for the whole pool to say. */
  readonly pace: RestartBudget | undefined;
  member: Member | undefined;
  awaits: Awaiting = "nothing";
  restarts = 0;
  hasServed = false;
  /** It is not wanted any more. */
  isRetired = false;
  /** A new worker for this place is on its way, while the old one serves. */
  replacing: Promise<void> | undefined;
  /** After a replacement that could not be started. On the clock of `performance.now()`. */
  replaceAfter = 0;
  /** Since when its worker has had nothing to do, and how many requests it had been sent by then. */
  idleSince = 0;
  sentBefore = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: number, policy: RestartPolicy | undefined) {
    this.id = id;
    this.pace = policy === undefined ? undefined : new RestartBudget({ ...policy, maxRestarts: Infinity });
  }

  /** Somebody will serve here, without more than time. */
  get isHopeful(): boolean {
    return this.member !== undefined || this.awaits === "start" || this.awaits === "delay";
  }

  /** The worker serves here from now on. */
  take(member: Member): void {
    clearTimeout(this.#timer);
    this.member = member;
    this.awaits = "nothing";
    this.hasServed = true;
    member.place = this.id;
  }

  after(milliseconds: number, awaits: Awaiting, isUnref: boolean, callback: () => void): void {
    this.awaits = awaits;
    this.#timer = setTimeout(callback, Math.min(milliseconds, MAX_TIMER_MS));
    if (isUnref) this.unref();
  }

  /** Nothing is started here any more. */
  retire(): void {
    this.isRetired = true;
    clearTimeout(this.#timer);
  }

  unref(): void {
    (this.#timer as Timer)?.unref?.();
  }

  ref(): void {
    (this.#timer as Timer)?.ref?.();
  }
}
