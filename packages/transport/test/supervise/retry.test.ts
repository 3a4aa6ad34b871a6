import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ChannelError,
  retry,
  RpcError,
  type NextCall,
  type OutgoingCall,
  type RequestOptions,
} from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const BUSY = new RpcError(-32000, "busy");
const TIMEOUT = new ChannelError("TIMEOUT", "late", { delivery: "unknown" });

function callOf(options?: RequestOptions, kind: OutgoingCall["kind"] = "request"): OutgoingCall {
  return { kind, method: "m", params: {}, options };
}

/** What is left of a call: fails in turn, and then succeeds. Notes when and with what it was called. */
function failing(...failures: unknown[]): { next: (call: NextCall) => Promise<string>; calls: [number, NextCall][] } {
  const calls: [number, NextCall][] = [];
  const next = async (call: NextCall): Promise<string> => {
    calls.push([performance.now(), call]);
    if (calls.length <= failures.length) throw failures[calls.length - 1];
    return "ok";
  };
  return { next, calls };
}

describe("retry", () => {
  test("makes a request again that was refused as busy, with delays that grow", async () => {
    const { next, calls } = failing(BUSY, BUSY, BUSY);
    const start = performance.now();
    const outcome = retry({ attempts: 4, minDelayMs: 100, maxDelayMs: 100_000 })(callOf(), next);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await outcome).toBe("ok");
    const times = [start, ...calls.map(([time]) => time)];
    const pauses = times.slice(1).map((time, place) => time - times[place]!);
    expect(pauses[0]).toBe(0);
    for (const [place, pause] of pauses.slice(1).entries()) {
      expect(pause).toBeGreaterThanOrEqual(100);
      expect(pause).toBeLessThanOrEqual(100 * 2 ** (place + 1) + 1);
    }
  });

  test("gives up after so many attempts, with the last failure", async () => {
    const { next, calls } = failing(BUSY, BUSY, new RpcError(-32000, "the last"));
    const failed = rejectionOf(retry()(callOf(), next));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await failed).toMatchObject({ message: "the last" });
    expect(calls).toHaveLength(3);
  });

  test("holds the request's timeout over all attempts", async () => {
    const { next, calls } = failing(BUSY, BUSY, BUSY, BUSY, BUSY, BUSY, BUSY, BUSY);
    const interceptor = retry({ attempts: Infinity, minDelayMs: 100, maxDelayMs: 100 });
    const failed = rejectionOf(interceptor(callOf({ timeout: 350 }), next));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await failed).toBe(BUSY);
    expect(calls.map(([, { options }]) => options?.timeout)).toEqual([350, 250, 150, 50]);
  });

  test.each<[string, unknown, RequestOptions | undefined, boolean]>([
    ["an answer that is an error", new RpcError(-32602, "no"), undefined, false],
    [
      "a request that was not sent for want of room",
      new ChannelError("OVERLOADED", "", { delivery: "not-sent" }),
      {},
      true,
    ],
    ["one that can't be encoded", new ChannelError("ENCODE_FAILED", "", { delivery: "not-sent" }), {}, false],
    ["a timeout of a request that may have run", TIMEOUT, {}, false],
    ["a timeout of an idempotent request", TIMEOUT, { idempotent: true }, true],
    ["an idempotent request that was quarantined", new ChannelError("QUARANTINED", ""), { idempotent: true }, false],
    ["something else", new Error("?"), { idempotent: true }, false],
    ["a request with inputs", BUSY, { input: [1] }, false],
  ])("%s: tried again or not", async (_, failure, options, isRepeated) => {
    const { next, calls } = failing(failure);
    const outcome = retry()(callOf(options), next).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toBe(isRepeated ? "ok" : failure);
    expect(calls).toHaveLength(isRepeated ? 2 : 1);
  });

  test("waits for an open circuit as long as that says", async () => {
    const { next, calls } = failing(
      new ChannelError("CIRCUIT_OPEN", "", { delivery: "not-sent", retryAfterMs: 5_000 }),
    );
    const outcome = retry()(callOf(), next);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBe("ok");
  });

  test("ends by the signal while it waits, and leaves no timer and no listener", async () => {
    const controller = new AbortController();
    const { next } = failing(BUSY);
    const failed = rejectionOf(
      retry({ minDelayMs: 60_000, maxDelayMs: 60_000 })(callOf({ signal: controller.signal }), next),
    );
    await vi.advanceTimersByTimeAsync(10);
    controller.abort(new Error("mine"));
    expect(await failed).toMatchObject({ message: "mine" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(["stream", "notification"] as const)("lets a %s pass by", async (kind) => {
    const { next, calls } = failing(BUSY);
    expect(await rejectionOf(retry()(callOf(undefined, kind), next))).toBe(BUSY);
    expect(calls).toHaveLength(1);
  });

  test("asks a function of the user's, whose mistakes are the call's", async () => {
    const { next } = failing(new Error("again"));
    const asked = retry({ when: (error) => (error as Error).message === "again" })(callOf(), next);
    await vi.advanceTimersByTimeAsync(100);
    expect(await asked).toBe("ok");
    const broken = retry({
      when: () => {
        throw new Error("broken");
      },
    });
    expect(await rejectionOf(broken(callOf(), failing(BUSY).next))).toMatchObject({ message: "broken" });
  });

  test.each<[string, object]>([
    ["no attempt at all", { attempts: 0 }],
    ["half an attempt", { attempts: 1.5 }],
    ["a delay below 0", { minDelayMs: -1 }],
    ["a delay that is NaN", { maxDelayMs: NaN }],
    ["delays in the wrong order", { minDelayMs: 10, maxDelayMs: 5 }],
    ["no function", { when: true }],
  ])("refuses %s", (_, options) => {
    expect(() => retry(options)).toThrow(/^retry[.:]/);
  });
});
