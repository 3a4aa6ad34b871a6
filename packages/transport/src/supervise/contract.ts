import type { Link } from "../link/contract.js";

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
