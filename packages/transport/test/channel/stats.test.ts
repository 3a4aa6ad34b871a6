import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LatencyHistogram } from "../../src/channel/records/latency.js";
import { RpcError, type Channel } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf, type Opened } from "../support/channels.js";

type Stats = ReturnType<Channel["stats"]>;

const ZERO: Omit<Stats, "bytesReceived" | "latency"> = {
  inFlight: 0,
  running: 0,
  queuedBytes: 0,
  requestsSent: 0,
  succeeded: 0,
  refused: 0,
  failed: 0,
  timedOut: 0,
  cancelled: 0,
  notificationsSent: 0,
  requestsReceived: 0,
  notificationsReceived: 0,
  answersIgnored: 0,
  malformed: 0,
  noiseBytes: 0,
  notificationsDropped: 0,
  restarts: 0,
  repeated: 0,
};

interface Situation {
  readonly what: string;
  readonly happens: (opened: Opened) => unknown;
  /** What is not zero after it. */
  readonly counts: Partial<Stats>;
}

const SITUATIONS: readonly Situation[] = [
  { what: "nothing", happens: () => undefined, counts: {} },
  {
    what: "a request that waits",
    happens: ({ channel }) => void channel.request("m").catch(() => undefined),
    counts: { inFlight: 1, requestsSent: 1 },
  },
  {
    what: "a request that is answered",
    happens: async ({ channel, peer }) => {
      const call = channel.request("m");
      peer.send({ id: 1, result: 1 });
      await call;
    },
    counts: { requestsSent: 1, succeeded: 1 },
  },
  {
    what: "a request that is refused",
    happens: async ({ channel, peer }) => {
      const call = rejectionOf(channel.request("m"));
      peer.send({ id: 1, error: { code: 1, message: "no" } });
      await call;
    },
    counts: { requestsSent: 1, refused: 1 },
  },
  {
    what: "a request that times out",
    happens: ({ channel }) => rejectionOf(channel.request("m", {}, { timeout: 1 })),
    counts: { requestsSent: 1, failed: 1, timedOut: 1 },
  },
  {
    what: "a request that is aborted",
    happens: async ({ channel }) => {
      const controller = new AbortController();
      const call = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
      controller.abort();
      await call;
    },
    counts: { requestsSent: 1, failed: 1, cancelled: 1 },
  },
  {
    what: "a stream that is left early",
    happens: async ({ channel, peer }) => {
      const stream = channel.stream("m");
      const item = stream.next();
      peer.send({ method: "$/stream/items", params: { id: 1, items: [1] } });
      await item;
      await stream.return?.();
    },
    counts: { requestsSent: 1, failed: 1, cancelled: 1 },
  },
  {
    what: "a request that was aborted before, and one that can't be encoded",
    happens: async ({ channel }) => {
      await rejectionOf(channel.request("m", {}, { signal: AbortSignal.abort() }));
      await rejectionOf(channel.request("m", { n: 1n }));
    },
    counts: {},
  },
  { what: "a notification", happens: ({ channel }) => channel.notify("n"), counts: { notificationsSent: 1 } },
  {
    what: "a batch of both",
    happens: ({ channel }) => void channel.batch([{ method: "a" }, { method: "n", notify: true }, { method: "b" }]),
    counts: { inFlight: 2, requestsSent: 2, notificationsSent: 1 },
  },
  {
    what: "a request of the other side that runs",
    happens: ({ channel, peer }) => {
      channel.onRequest("stuck", () => new Promise(() => undefined));
      peer.send({ id: "x", method: "stuck" });
    },
    counts: { running: 1, requestsReceived: 1 },
  },
  {
    what: "requests of the other side that are answered and refused",
    happens: ({ channel, peer }) => {
      channel.onRequest("five", () => 5);
      peer.send({ id: "x", method: "five" }, { id: "y", method: "none" });
    },
    counts: { requestsReceived: 2 },
  },
  {
    what: "notifications that are handled, kept, and the protocol's own",
    happens: ({ channel, peer }) => {
      channel.onNotification("n", () => undefined);
      peer.send({ method: "n" }, { method: "early" }, { method: "$/progress", params: { token: 1, value: 1 } });
    },
    counts: { notificationsReceived: 2 },
  },
  {
    what: "answers to nothing",
    happens: ({ peer }) => peer.send({ id: 7, result: 1 }, { id: 8, error: { code: 1, message: "m" } }),
    counts: { answersIgnored: 2 },
  },
  {
    what: "a message that is none",
    happens: ({ peer }) => peer.sendText('{"jsonrpc":"2.0","method":7}\n'),
    counts: { malformed: 1 },
  },
  {
    what: "a print that is JSON",
    happens: ({ peer }) => peer.sendText('{"level":"info"}\n'),
    counts: { noiseBytes: 16 },
  },
];

describe("stats", () => {
  test.each(SITUATIONS)("after $what", async ({ happens, counts }) => {
    const opened = openWithPeer();
    await happens(opened);
    await opened.peer.roundTrip();
    const { bytesReceived, latency, ...stats } = opened.channel.stats();
    expect(stats).toEqual({ ...ZERO, ...counts, requestsReceived: (counts.requestsReceived ?? 0) + 1 });
    expect(bytesReceived).toBeGreaterThan(0);
    expect(latency.count).toBe((counts.succeeded ?? 0) + (counts.refused ?? 0));
  });

  test("count each byte that arrives", async () => {
    const { channel, peer } = openWithPeer();
    peer.sendText("ä\n");
    peer.sendText('{"jsonrpc":"2.0","id":1,"method":"none"}\n');
    await peer.next();
    expect(channel.stats().bytesReceived).toBe(3 + 41);
  });

  test("count what is lost when the channel ends, and stay readable after that", async () => {
    const { channel } = openWithPeer();
    const calls = Promise.allSettled([channel.request("a"), channel.request("b")]);
    await channel.close();
    await calls;
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 2, failed: 2, timedOut: 0, cancelled: 0 });
  });

  test("add up: each request that was sent has one outcome", async () => {
    const { left, right } = openPair();
    right.onRequest("ok", () => 1);
    right.onRequest("fail", () => {
      throw new RpcError(1, "no");
    });
    right.onRequest("stuck", () => new Promise(() => undefined));
    const methods = Array.from({ length: 300 }, (_, at) => ["ok", "fail", "stuck"][at % 3] ?? "");
    await Promise.allSettled(methods.map((method) => left.request(method, {}, { timeout: 50 })));
    const { requestsSent, succeeded, refused, failed, timedOut } = left.stats();
    expect({ requestsSent, succeeded, refused, failed, timedOut }).toEqual({
      requestsSent: 300,
      succeeded: 100,
      refused: 100,
      failed: 100,
      timedOut: 100,
    });
    await expect.poll(() => right.stats().running).toBe(0);
  });

  test("tell a snapshot: it does not change afterwards", async () => {
    const { left, right } = openPair();
    right.onRequest("ok", () => 1);
    const before = left.stats();
    await left.request("ok");
    expect(before).toMatchObject({ requestsSent: 0, latency: { count: 0, p50: 0, max: 0 } });
    const { latency } = left.stats();
    expect(latency.count).toBe(1);
    expect(latency.p50).toBeGreaterThanOrEqual(0);
    expect(latency.max).toBeGreaterThanOrEqual(latency.p50);
  });
});

describe("a latency histogram", () => {
  const duration = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1_000, noNaN: true }),
    fc.double({ min: 0, max: 2_000_000, noNaN: true }),
  );

  /** The smallest of the durations that so many percent of them don't exceed. */
  function exactPercentile(sorted: readonly number[], percent: number): number {
    return sorted[Math.max(Math.ceil((sorted.length * percent) / 100) - 1, 0)] ?? 0;
  }

  test("gives percentiles that a sorted list gives, to 7 % and a microsecond", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 500 }), (durations) => {
        const histogram = new LatencyHistogram();
        for (const milliseconds of durations) histogram.record(milliseconds);
        const sorted = durations.toSorted((one, other) => one - other);
        for (const percent of [1, 50, 90, 99, 99.9, 100]) {
          const exact = exactPercentile(sorted, percent);
          const error = Math.abs(histogram.percentile(percent) - exact);
          expect(error).toBeLessThanOrEqual(exact * 0.07 + 0.001);
        }
        expect(histogram.count).toBe(durations.length);
        expect(histogram.max).toBe(sorted.at(-1));
      }),
    );
  });

  test("never goes down from one percentile to the next, nor above the longest duration", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1 }), (durations) => {
        const histogram = new LatencyHistogram();
        for (const milliseconds of durations) histogram.record(milliseconds);
        const percentiles = [0, 10, 50, 90, 99, 99.9, 100].map((percent) => histogram.percentile(percent));
        expect(percentiles).toEqual(percentiles.toSorted((one, other) => one - other));
        expect(percentiles.at(-1)).toBeLessThanOrEqual(histogram.max);
      }),
    );
  });

  test.each([0, -1, -0, 1e9, Number.MAX_SAFE_INTEGER])("takes %d without harm", (milliseconds) => {
    const histogram = new LatencyHistogram();
    histogram.record(milliseconds);
    histogram.record(1);
    expect(histogram.count).toBe(2);
    expect(Number.isFinite(histogram.percentile(100))).toBe(true);
  });

  test("without durations says 0", () => {
    expect(new LatencyHistogram().percentile(50)).toBe(0);
  });
});
