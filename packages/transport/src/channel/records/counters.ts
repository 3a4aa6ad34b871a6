import { LatencyHistogram } from "./latency.js";

/** What `channel.stats()` returns: counts since the channel was opened. */
export interface ChannelStats {
  /** Requests that wait for an answer now. */
  readonly inFlight: number;
  /** Handlers of incoming requests that run now. */
  readonly running: number;
  /** Bytes that wait to be written now (text counts one per UTF-16 unit). */
  readonly queuedBytes: number;
  readonly requestsSent: number;
  /** Requests that were answered with a result. */
  readonly succeeded: number;
  /** Requests that were answered with an error. */
  readonly refused: number;
  /** Requests that ended without an answer, all causes together. */
  readonly failed: number;
  /** Of those: by their timeout. */
  readonly timedOut: number;
  /** Of those: by their signal, or by leaving a stream early. */
  readonly cancelled: number;
  readonly notificationsSent: number;
  readonly requestsReceived: number;
  readonly notificationsReceived: number;
  /** Answers to nothing that was waiting: late, repeated or forged. */
  readonly answersIgnored: number;
  /** Frames that held no valid message. */
  readonly malformed: number;
  /** Bytes of stray text between messages. */
  readonly noiseBytes: number;
  /** Notifications dropped because no handler, or a handler that was too slow, took them. */
  readonly notificationsDropped: number;
  readonly bytesReceived: number;
  /** Time from `request()` to its answer, in milliseconds. */
  readonly latency: {
    readonly count: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
}

/** The running counts of one channel. Whoever sees a thing happen counts it. */
export class Counters {
  requestsSent = 0;
  succeeded = 0;
  refused = 0;
  failed = 0;
  timedOut = 0;
  cancelled = 0;
  notificationsSent = 0;
  requestsReceived = 0;
  notificationsReceived = 0;
  answersIgnored = 0;
  malformed = 0;
  noiseBytes = 0;
  notificationsDropped = 0;
  bytesReceived = 0;
  readonly latency: LatencyHistogram = new LatencyHistogram();

  snapshot(now: Pick<ChannelStats, "inFlight" | "running" | "queuedBytes">): ChannelStats {
    const { latency, ...counts } = this;
    return {
      ...now,
      ...counts,
      latency: {
        count: latency.count,
        p50: latency.percentile(50),
        p90: latency.percentile(90),
        p99: latency.percentile(99),
        p999: latency.percentile(99.9),
        max: latency.max,
      },
    };
  }
}
