import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { createChannel, LengthPrefixedFraming, type RequestOptions } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";

/** What a program without types can pass. */
function options(given: unknown): RequestOptions {
  return given as RequestOptions;
}

describe("a request option that is not what it should be", () => {
  test.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ["a signal that is null", { signal: null }, TypeError, /^m: signal must be an AbortSignal.*null/],
    ["a signal that is a controller", { signal: new AbortController() }, TypeError, /AbortSignal.*an object/],
    ["a signal that only emits events", { signal: new EventTarget() }, TypeError, /AbortSignal/],
    ["a signal that is a text", { signal: "stop" }, TypeError, /AbortSignal.*"stop"/],
    ["a timeout that is a bigint", { timeout: 5n }, TypeError, /timeout.*5n/],
    ["a timeout that is a text", { timeout: "5" }, TypeError, /timeout.*"5"/],
    ["a timeout that is null", { timeout: null }, TypeError, /timeout.*null/],
    ["a timeout that is an object without a text", { timeout: Object.create(null) as unknown }, TypeError, /an object/],
    ["a timeout that is a symbol", { timeout: Symbol("t") }, TypeError, /Symbol\(t\)/],
    ["progress to no function", { onProgress: {} }, TypeError, /onProgress must be a function/],
    ["inputs that can't be iterated", { input: 7 }, TypeError, /input must be iterable.*7/],
    ["inputs that are null", { input: null }, TypeError, /input must be iterable.*null/],
    ["an idempotent that is a text", { idempotent: "yes" }, TypeError, /idempotent must be true or false.*"yes"/],
    ["a key that is an object", { key: {} }, TypeError, /key must be a string or a number/],
    ["a key that is NaN", { key: NaN }, TypeError, /key must be .*NaN/],
    ["a priority that is a text", { priority: "high" }, TypeError, /priority must be a finite number.*"high"/],
    ["a priority without end", { priority: Infinity }, RangeError, /priority .*Infinity/],
    ["options that are a number", 5_000, TypeError, /options must be an object.*5000/],
  ])(
    "%s: the request is refused, nothing is sent, and the channel is as good as before",
    async (_, given, type, text) => {
      const { channel, peer } = openWithPeer();
      const waiting = channel.request<string>("waiting", {}, { timeout: 60_000 });
      for (const refused of [
        rejectionOf(channel.request("m", {}, options(given))),
        rejectionOf(channel.stream("m", {}, options(given)).next()),
      ]) {
        const error = await refused;
        expect(error).toBeInstanceOf(type);
        expect((error as Error).message).toMatch(text);
      }
      if (typeof given === "object" && !("input" in given!)) {
        const batch = channel.batch([{ method: "a" }, { method: "m" }], options(given));
        expect(await rejectionOf(batch)).toBeInstanceOf(type);
      }
      expect(channel.stats().inFlight).toBe(1);
      peer.send({ id: 1, result: "answered" });
      expect(await waiting).toBe("answered");
      await peer.roundTrip();
      expect(peer.seen).toHaveLength(2);
      await channel.close();
    },
  );

  test.each(["timeout", "signal", "onProgress", "input"])(
    "a getter of %s that throws: so does the request",
    async (name) => {
      const { channel, peer } = openWithPeer();
      const boom = new Error("boom");
      const throwing = Object.defineProperty({}, name, {
        get() {
          throw boom;
        },
      });
      expect(await rejectionOf(channel.request("m", {}, throwing))).toBe(boom);
      expect(await rejectionOf(channel.batch([{ method: "a" }, { method: "b" }], throwing))).toBe(boom);
      expect(channel.stats().inFlight).toBe(0);
      await peer.roundTrip();
      expect(peer.seen).toHaveLength(1);
    },
  );

  test("options that are a proxy which throws: so does the request", async () => {
    const { channel } = openWithPeer();
    const proxy = Proxy.revocable({}, {});
    proxy.revoke();
    expect(await rejectionOf(channel.request("m", {}, proxy.proxy))).toBeInstanceOf(TypeError);
    const lost = Proxy.revocable({}, {});
    lost.revoke();
    expect(await rejectionOf(channel.request("m", {}, options({ signal: lost.proxy })))).toBeInstanceOf(TypeError);
    expect(channel.stats().inFlight).toBe(0);
    await channel.close();
  });

  test("options with getters are read once", async () => {
    const { left, right } = openPair();
    right.onRequest("m", () => 1);
    const read: string[] = [];
    const { signal } = new AbortController();
    const given: RequestOptions = { signal, timeout: 60_000 };
    const watched = new Proxy(given, {
      get(target, name) {
        read.push(String(name));
        return target[name as keyof RequestOptions];
      },
    });
    expect(await left.request<number>("m", {}, watched)).toBe(1);
    expect(read.sort()).toEqual(["idempotent", "input", "key", "onProgress", "priority", "signal", "timeout"]);
  });

  test("a getter that closes the channel: the request is told of that", async () => {
    const { channel, peer } = openWithPeer();
    const closing = {
      get timeout() {
        void channel.close();
        return 5;
      },
    };
    const refused = { code: "CHANNEL_CLOSED", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("m", {}, closing))).toMatchObject(refused);
    expect(peer.seen).toEqual([]);
  });
});

describe("a method that is no text", () => {
  test.each([undefined, null, 7, {}])("%s is refused, by every framing and codec", async (given) => {
    const method = given as string;
    const channels = [
      openWithPeer().channel,
      createChannel({ link: new FakeLink(), framing: new LengthPrefixedFraming() }),
    ];
    for (const channel of channels) {
      expect(await rejectionOf(channel.request(method))).toBeInstanceOf(TypeError);
      expect(await rejectionOf(channel.stream(method).next())).toBeInstanceOf(TypeError);
      expect(await rejectionOf(channel.notify(method))).toBeInstanceOf(TypeError);
      expect(await rejectionOf(channel.batch([{ method: "a" }, { method }]))).toBeInstanceOf(TypeError);
      expect(await rejectionOf(channel.batch([{ method, notify: true }]))).toBeInstanceOf(TypeError);
      expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 0, notificationsSent: 0 });
    }
  });

  test.each([[[null]], [[undefined]], [["m"]], [null], [{ method: "m" }]])(
    "calls of a batch that are %j are refused",
    async (calls) => {
      const { channel } = openWithPeer();
      expect(await rejectionOf(channel.batch(calls as never))).toBeInstanceOf(TypeError);
      expect(channel.stats().inFlight).toBe(0);
    },
  );
});

/** Aborts like a signal, and is none of the platform's. */
class ForeignSignal {
  aborted = false;
  reason: unknown;
  readonly listeners = new Set<() => void>();

  addEventListener(_type: string, listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of [...this.listeners]) listener();
  }
}

describe("a signal that is none of the platform's", () => {
  test("cancels like one, with an AbortError where it has no reason", async () => {
    const { channel, peer } = openWithPeer();
    const signal = new ForeignSignal();
    const given = options({ signal });
    const calls = [1, 2].map(() => rejectionOf(channel.request("m", {}, given)));
    await peer.next();
    await peer.next();
    expect(signal.listeners.size).toBe(1);
    signal.abort();
    expect(await Promise.all(calls)).toMatchObject([{ name: "AbortError" }, { name: "AbortError" }]);
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
    expect(signal.listeners.size).toBe(0);
    expect(await rejectionOf(channel.request("m", {}, given))).toMatchObject({ name: "AbortError" });
  });

  test("that aborts, throws or closes the channel while it is listened to leaves nothing behind", async () => {
    const { channel, peer } = openWithPeer();
    const aborting = new ForeignSignal();
    aborting.addEventListener = () => {
      aborting.aborted = true;
    };
    expect(await rejectionOf(channel.request("m", {}, options({ signal: aborting })))).toMatchObject({
      name: "AbortError",
    });
    const throwing = new ForeignSignal();
    throwing.addEventListener = () => {
      throw new Error("boom");
    };
    expect(await rejectionOf(channel.request("m", {}, options({ signal: throwing })))).toMatchObject({
      message: "boom",
    });
    expect(channel.stats().inFlight).toBe(0);
    const closing = new ForeignSignal();
    closing.addEventListener = (_type, listener) => {
      closing.listeners.add(listener);
      void channel.close();
    };
    const refused = { code: "CHANNEL_CLOSED", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("m", {}, options({ signal: closing })))).toMatchObject(refused);
    await vi.waitFor(() => expect(closing.listeners.size).toBe(0));
    expect(peer.seen).toEqual([]);
  });

  test("that can't be left is reported, and the channel ends as usual", async () => {
    const { channel, peer, errors } = openWithPeer();
    const signal = new ForeignSignal();
    signal.removeEventListener = () => {
      throw new Error("stuck");
    };
    const call = channel.request("m", {}, options({ signal }));
    await peer.next();
    peer.send({ id: 1, result: 1 });
    expect(await call).toBe(1);
    const open = rejectionOf(channel.request("m", {}, options({ signal })));
    await channel.close();
    expect(await open).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(errors).toMatchObject([{ message: "stuck" }]);
  });
});

type Does = "close" | "abort";
const OUTCOMES = { close: { code: "CHANNEL_CLOSED", delivery: "not-sent" }, abort: { name: "AbortError" } } as const;

describe.each<Does>(["close", "abort"])("code that runs while a request is encoded, and does %s,", (what) => {
  function open(whenFull: "fail" | "wait" = "fail") {
    const link = new FakeLink();
    const channel = createChannel({ link, whenFull, limits: { maxQueuedBytes: 10 } });
    const controller = new AbortController();
    const hit = (): void => {
      if (what === "close") void channel.close();
      else controller.abort();
    };
    return { link, channel, signal: controller.signal, hit };
  }

  const PARAMS: readonly (readonly [string, (hit: () => void) => object])[] = [
    ["a toJSON", (hit) => ({ value: { toJSON: () => hit() } })],
    ["a getter", (hit) => Object.defineProperty({}, "value", { enumerable: true, get: hit })],
    ["a proxy", (hit) => new Proxy({}, { ownKeys: () => (hit(), []) })],
  ];

  test.each(PARAMS)("%s: the request settles, and nothing is sent", async (_, paramsWith) => {
    const { link, channel, signal, hit } = open();
    expect(await rejectionOf(channel.request("m", paramsWith(hit), { signal, timeout: 60_000 }))).toMatchObject(
      OUTCOMES[what],
    );
    expect(link.sent).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 0 });
    await vi.waitFor(() => expect(getEventListeners(signal, "abort")).toEqual([]));
  });

  test.each(PARAMS)("%s, while the queue is full: the request settles, and nothing waits", async (_, paramsWith) => {
    const { link, channel, signal, hit } = open("wait");
    link.queuedBytes = 100;
    expect(await rejectionOf(channel.request("m", paramsWith(hit), { signal }))).toMatchObject(OUTCOMES[what]);
    link.drain();
    await Promise.resolve();
    expect(link.sent).toEqual([]);
  });

  test("the iterator of inputs: the request settles, nothing is sent, and the inputs are told", async () => {
    const { link, channel, signal, hit } = open();
    let returned = 0;
    const input = {
      [Symbol.iterator]() {
        hit();
        return {
          next: () => ({ done: false, value: 1 }) as const,
          return: () => {
            returned += 1;
            return { done: true, value: 1 } as const;
          },
        };
      },
    };
    expect(await rejectionOf(channel.request("m", {}, { signal, input }))).toMatchObject(OUTCOMES[what]);
    expect(link.sent).toEqual([]);
    expect(returned).toBe(1);
  });

  test("params of a stream: its first item is refused", async () => {
    const { link, channel, signal, hit } = open();
    const stream = channel.stream("m", { toJSON: () => (hit(), {}) }, { signal });
    expect(await rejectionOf(stream.next())).toMatchObject(OUTCOMES[what]);
    expect(link.sent).toEqual([]);
  });

  test("params in a batch: its requests settle, and of an aborted batch only the notifications are sent", async () => {
    const { link, channel, signal, hit } = open();
    const calls = [
      { method: "a" },
      { method: "n", notify: true },
      { method: "b", params: { toJSON: () => (hit(), {}) } },
    ];
    const batch = channel.batch(calls, { signal });
    if (what === "close") expect(await rejectionOf(batch)).toMatchObject(OUTCOMES.close);
    else
      expect(await batch).toMatchObject([{ reason: OUTCOMES.abort }, { value: undefined }, { reason: OUTCOMES.abort }]);
    expect(link.sent).toEqual(what === "close" ? [] : [[{ jsonrpc: "2.0", method: "n" }]]);
    expect(channel.stats().inFlight).toBe(0);
  });

  test("params of a notification: it settles", async () => {
    for (const [whenFull, queuedBytes] of [
      ["fail", 0],
      ["wait", 100],
    ] as const) {
      const { link, channel, hit } = open(whenFull);
      link.queuedBytes = queuedBytes;
      const sent = channel.notify("n", { toJSON: () => (hit(), {}) });
      link.drain();
      if (what === "close") expect(await rejectionOf(sent)).toMatchObject(OUTCOMES.close);
      else await sent;
    }
  });
});

test("a stream that is left while its request is encoded is never asked for", async () => {
  const { channel, peer } = openWithPeer();
  const stream = channel.stream("m", { toJSON: () => (void stream.return?.(), {}) });
  expect(await stream.next()).toMatchObject({ done: true });
  expect(channel.stats().inFlight).toBe(0);
  await peer.roundTrip();
  expect(peer.seen).toHaveLength(1);
});

test("a request that is made while another is encoded goes first, and both are answered", async () => {
  const { left, right } = openPair();
  right.onRequest("echo", (params: unknown) => params);
  let inner: Promise<unknown> = Promise.resolve();
  const outer = left.request("echo", {
    toJSON: () => {
      inner = left.request("echo", [1]);
      return [2];
    },
  });
  expect(await Promise.all([outer, inner])).toEqual([[2], [1]]);
});
