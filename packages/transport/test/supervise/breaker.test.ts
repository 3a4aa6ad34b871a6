import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { rejectionOf } from "../support/channels.js";
import { AT_ONCE, openSupervised, type Supervised } from "./support/supervised.js";

const BREAKER = { failures: 3, coolDownMs: 1_000 } as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function open(): Promise<Supervised> {
  return openSupervised({ restart: AT_ONCE, breaker: BREAKER });
}

/** A request that times out. */
async function timeOut({ channel }: Supervised): Promise<unknown> {
  const failed = rejectionOf(channel.request("m", {}, { timeout: 50 }));
  await vi.advanceTimersByTimeAsync(60);
  return failed;
}

async function openCircuit(): Promise<Supervised> {
  const supervised = await open();
  for (let n = 0; n < BREAKER.failures; n += 1) await timeOut(supervised);
  supervised.worker().link.sent.splice(0);
  return supervised;
}

/** Answers what is asked, as soon as it has been. */
async function answered<Result>({ worker }: Supervised, outcome: Promise<Result>): Promise<Result> {
  await vi.advanceTimersByTimeAsync(0);
  worker().answer("m", "ok");
  return outcome;
}

describe("so many failures in a row", () => {
  test("open the circuit: calls are refused, not sent, and told when to come again", async () => {
    const supervised = await openCircuit();
    const { channel, worker, events } = supervised;
    await vi.advanceTimersByTimeAsync(390);
    const refused = await rejectionOf(channel.request("m"));
    expect(refused).toMatchObject({ code: "CIRCUIT_OPEN", method: "m", delivery: "not-sent" });
    const { retryAfterMs } = refused as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(500);
    expect(retryAfterMs).toBeLessThanOrEqual(1_000 - 390);
    expect(await rejectionOf(channel.stream("m").next())).toMatchObject({ code: "CIRCUIT_OPEN" });
    expect(await channel.batch([{ method: "m" }])).toMatchObject([{ reason: { code: "CIRCUIT_OPEN" } }]);
    expect(worker().sent).toEqual([]);
    expect(channel.health()).toMatchObject({ healthy: false, breaker: "open", state: "ready" });
    expect(events.filter(({ type }) => type === "breaker")).toMatchObject([{ state: "open", retryAfterMs: 1_000 }]);
  });

  test("are not: answers of any kind, cancels, what is wrong with the request, and fewer of them", async () => {
    const supervised = await open();
    const { channel, worker } = supervised;
    for (let round = 0; round < 3; round += 1) {
      await timeOut(supervised);
      await timeOut(supervised);
      const refused = rejectionOf(channel.request("m"));
      await vi.advanceTimersByTimeAsync(0);
      const { id } = worker().sent.at(-1)!;
      worker().link.deliver({ id, error: { code: -32603, message: "no" } });
      expect(await refused).toMatchObject({ code: -32603 });
    }
    for (let n = 0; n < 5; n += 1) {
      const controller = new AbortController();
      const left = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
      controller.abort(new Error("mine"));
      expect(await left).toMatchObject({ message: "mine" });
      expect(await rejectionOf(channel.request("m", { n: 1n }))).toMatchObject({ code: "ENCODE_FAILED" });
    }
    expect(channel.health()).toMatchObject({ healthy: true, breaker: "closed" });
  });

  test("may be the deaths of workers", async () => {
    const supervised = await open();
    const lost = [1, 2, 3].map(() => rejectionOf(supervised.channel.request("m")));
    await vi.advanceTimersByTimeAsync(0);
    supervised.worker().die();
    await Promise.all(lost);
    expect(supervised.channel.health().breaker).toBe("open");
  });
});

describe("when the circuit has been open for its time", () => {
  test("one call is let through, and its success closes it for all", async () => {
    const supervised = await openCircuit();
    const { channel, events } = supervised;
    await vi.advanceTimersByTimeAsync(BREAKER.coolDownMs);
    const probe = channel.request("m");
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: "CIRCUIT_OPEN" });
    expect(channel.health().breaker).toBe("half-open");
    expect(await answered(supervised, probe)).toBe("ok");
    expect(await answered(supervised, channel.request("m"))).toBe("ok");
    const states = events.flatMap((event) => (event.type === "breaker" ? [event.state] : []));
    expect(states).toEqual(["open", "half-open", "closed"]);
  });

  test("the failure of that call opens it again", async () => {
    const supervised = await openCircuit();
    await vi.advanceTimersByTimeAsync(BREAKER.coolDownMs);
    expect(await timeOut(supervised)).toMatchObject({ code: "TIMEOUT" });
    expect(await timeOut(supervised)).toMatchObject({ code: "CIRCUIT_OPEN" });
    await vi.advanceTimersByTimeAsync(BREAKER.coolDownMs);
    expect(await answered(supervised, supervised.channel.request("m"))).toBe("ok");
    expect(supervised.channel.health().breaker).toBe("closed");
  });

  test("a call that has no outcome is followed by another, and says nothing any more", async () => {
    const supervised = await openCircuit();
    const { channel } = supervised;
    await vi.advanceTimersByTimeAsync(BREAKER.coolDownMs);
    const hanging = rejectionOf(channel.request("hanging"));
    await vi.advanceTimersByTimeAsync(BREAKER.coolDownMs);
    expect(await answered(supervised, channel.request("m"))).toBe("ok");
    await channel.close();
    expect(await hanging).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(channel.health().breaker).toBe("closed");
  });

  test("a cancelled call teaches nothing: the next one may try", async () => {
    const supervised = await openCircuit();
    const { channel } = supervised;
    await vi.advanceTimersByTimeAsync(BREAKER.coolDownMs);
    const controller = new AbortController();
    const left = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
    controller.abort();
    await left;
    expect(await answered(supervised, channel.request("m"))).toBe("ok");
  });

  test("a late answer to what was asked before does not close it", async () => {
    const supervised = await open();
    const { channel, worker } = supervised;
    const early = channel.request("early");
    await vi.advanceTimersByTimeAsync(0);
    for (let n = 0; n < BREAKER.failures; n += 1) await timeOut(supervised);
    worker().answer("early", 1);
    expect(await early).toBe(1);
    expect(channel.health().breaker).toBe("open");
  });
});

test("a stream keeps its result, can be left while an item is waited for, and counts as a call", async () => {
  const supervised = await open();
  const { channel, worker } = supervised;
  const stream = channel.stream("s");
  const first = stream.next();
  await vi.advanceTimersByTimeAsync(0);
  const { id } = worker().sent.find(({ method }) => method === "s")!;
  worker().link.deliver({ method: "$/stream/items", params: { id, items: [1] } }, { id, result: "the end" });
  expect(await first).toEqual({ done: false, value: 1 });
  expect(await stream.next()).toEqual({ done: true, value: "the end" });
  const left = channel.stream("s");
  const waiting = left.next();
  await vi.advanceTimersByTimeAsync(0);
  expect(await left.return?.()).toMatchObject({ done: true });
  expect(await waiting).toMatchObject({ done: true });
  const lost = [1, 2, 3].map(() => rejectionOf(channel.stream("s").next()));
  await vi.advanceTimersByTimeAsync(0);
  worker().die();
  await Promise.all(lost);
  expect(channel.health().breaker).toBe("open");
});

test("without restart a breaker works as well, and a channel without one tells of none", async () => {
  const supervised = await openSupervised({ breaker: { failures: 1, coolDownMs: 10_000 } });
  expect(await timeOut(supervised)).toMatchObject({ code: "TIMEOUT" });
  expect(await timeOut(supervised)).toMatchObject({ code: "CIRCUIT_OPEN" });
  const { channel } = await openSupervised({ restart: true });
  expect(channel.health().breaker).toBeUndefined();
});
