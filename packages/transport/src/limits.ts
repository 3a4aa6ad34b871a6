import { count } from "./checks/kinds.js";
import type { OptionTable } from "./checks/options.js";

/** A timer of more milliseconds (24 days) would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** Upper bounds. Each is checked before memory is taken for what it bounds. */
export interface Limits {
  /**
   * Largest payload of one frame in either direction, in bytes. Default 64 MiB; at least 128, so that a cancel fits; at most
   * 512 MiB - 1 (V8's strings end there).
   */
  readonly maxMessageBytes: number;
  /** Deepest nesting of arrays and objects in a message. Default 128. */
  readonly maxDepth: number;
  /** Requests that may wait for an answer at once. Default 65,536. */
  readonly maxInFlight: number;
  /** Bytes that may wait to be written (text counts one per UTF-16 unit). Default 64 MiB; one message always fits. */
  readonly maxQueuedBytes: number;
  /**
   * Bytes of received messages that may wait here, in each place where some do: notifications without a handler, those
   * that wait for one handler, the unread items of one stream, the requests that are running. Default 64 MiB; one
   * message always fits. See docs/limits.md.
   */
  readonly maxHeldBytes: number;
  /**
   * Messages in one array. Default 1,000, on the other side too: a larger `batch()` leaves as several arrays. One that
   * arrives with more requests is refused; 0 means that there are no batches.
   */
  readonly maxBatchSize: number;
  /** Items of a stream that may be under way or waiting for their reader; fewer of large ones. Default 1,024. */
  readonly streamWindow: number;
  /**
   * Bytes of text that are not messages which a worker may print to stdout per minute. Default 256 KiB. Where its answers
   * have a pipe of their own, prints are harmless and have no budget.
   */
  readonly maxNoiseBytesPerMinute: number;
  /** How much of the worker's stderr is kept for error reports, in bytes. Default 64 KiB. */
  readonly stderrTailBytes: number;
  /** Notifications kept while no handler for them exists; the oldest go first. Default 256. */
  readonly maxEarlyNotifications: number;
  /** Notifications that wait for a handler which returns promises, per handler. Default 1,024. */
  readonly maxQueuedNotifications: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const MAX_MESSAGE_BYTES = 512 * MIB - 1;
/** The longest message of the protocol's own about a request of this side has 103 bytes of JSON. */
const MIN_MESSAGE_BYTES = 128;

/** The limits that hold where the options say nothing else. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxMessageBytes: 64 * MIB,
  maxDepth: 128,
  maxInFlight: 65_536,
  maxQueuedBytes: 64 * MIB,
  maxHeldBytes: 64 * MIB,
  maxBatchSize: 1_000,
  streamWindow: 1_024,
  maxNoiseBytesPerMinute: 256 * KIB,
  stderrTailBytes: 64 * KIB,
  maxEarlyNotifications: 256,
  maxQueuedNotifications: 1_024,
});

/** Infinity is no bound, but for the size of a message. */
export const LIMITS: OptionTable<Partial<Limits>> = {
  maxMessageBytes: count(MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES, "A cancel must fit, and a string of V8 ends there."),
  maxDepth: count(0),
  maxInFlight: count(0),
  maxQueuedBytes: count(0),
  maxHeldBytes: count(0),
  maxBatchSize: count(0),
  streamWindow: count(1),
  maxNoiseBytesPerMinute: count(0),
  stderrTailBytes: count(0),
  maxEarlyNotifications: count(0),
  maxQueuedNotifications: count(0),
};
