import type { ChannelParts } from "../channel/contract/parts.js";
import type { Events } from "../channel/records/events.js";
import type { Link } from "../link/contract.js";
import type { HeartbeatPolicy } from "./heartbeat-options.js";
import type { RestartPolicy } from "./restart-options.js";

/** What the system says of a process. */
export interface Vitals {
  /** By a signal, such as SIGSTOP. */
  readonly isStopped: boolean;
  /** It computes, or waits for a CPU or a disk. */
  readonly isRunning: boolean;
  /** The CPU time it has used, in milliseconds. */
  readonly cpuMs: number;
}

/** A link that is open, and what is known of whoever is at its other end. */
export interface OpenedLink {
  readonly link: Link;
  readonly pid: number | undefined;
  /** Ends the other side at once, without asking: for a process SIGKILL. */
  readonly kill: () => void;
  /** What the system says of the process; `undefined` where it says nothing. */
  readonly vitals: () => Vitals | undefined;
  /** The memory that the process holds, in bytes; `undefined` where nobody says. */
  readonly memoryBytes?: (() => number | undefined) | undefined;
}

/**
 * Opens a link: starts a worker, or connects to one. Rejects when that can't be done.
 *
 * @param signal aborts when nobody wants the link any more
 * @param slot in a pool, the number of the place that it is for: places may be served by different programs
 */
export type LinkOpener = (signal: AbortSignal, slot: number) => Promise<OpenedLink>;

/** What one worker after the other is made of, and many at once. */
export interface SupervisedParts {
  /** All of a channel but its link. */
  readonly parts: Omit<ChannelParts, "link" | "pid">;
  readonly open: LinkOpener;
  /** `undefined`: a worker that has ended is not followed by another one. */
  readonly restart: RestartPolicy | undefined;
  /** `undefined`: nobody asks whether the worker lives. */
  readonly heartbeat: HeartbeatPolicy | undefined;
  /** So long after a request was cancelled its work may go on; `undefined` for ever. */
  readonly killAfterCancelMs?: number | undefined;
  readonly events: Events;
}
