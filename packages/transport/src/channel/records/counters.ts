import { LatencyHistogram } from "./latency.js";
import type { ChannelStats } from "../contract/stats.js";

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
  restarts = 0;
  repeated = 0;
  readonly latency: LatencyHistogram = new LatencyHistogram();

  get answers(): number {
    return this.succeeded + this.refused;
  }

  repeat(): void {
    this.repeated += 1;
  }

  /** Counts what others have counted. */
  add(other: Counters): void {
    const counts = this as unknown as Record<string, number>;
    for (const [name, count] of Object.entries(other)) {
      if (typeof count === "number") counts[name] = (counts[name] ?? 0) + count;
    }
    this.latency.add(other.latency);
  }

  /** Whether the other side has ever said a message. */
  get hasHeard(): boolean {
    const { succeeded, refused, answersIgnored, requestsReceived, notificationsReceived } = this;
    return succeeded + refused + answersIgnored + requestsReceived + notificationsReceived > 0;
  }

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
