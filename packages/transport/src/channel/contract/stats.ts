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
  /** How often the worker was started again. */
  readonly restarts: number;
  /** Requests that were sent again to the next worker, because they are `idempotent`. */
  readonly repeated: number;
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
