// What a channel that has ended, or is idle, leaves behind: counted, on a clock that is the test's.

import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChannelError, createChannel, type Channel, type ByteReceiver } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function open(): { readonly channel: Channel; readonly link: FakeLink } {
  const link = new FakeLink();
  return { channel: createChannel({ link }), link };
}

test("a channel that is closed with requests in flight has no timer", async () => {
  const { channel } = open();
  const call = rejectionOf(channel.request("m", {}, { timeout: 60_000 }));
  expect(vi.getTimerCount()).toBe(1);
  await channel.close();
  await call;
  expect(vi.getTimerCount()).toBe(0);
});

test("a channel that is closed right after an answer to a request with a signal has no timer", async () => {
  const { channel, link } = open();
  const call = channel.request<number>("m", {}, { signal: new AbortController().signal });
  link.deliver({ id: 1, result: 1 });
  expect(await call).toBe(1);
  await channel.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("an idle channel has no timer when the last deadline and a moment have passed", async () => {
  const { channel, link } = open();
  const { signal } = new AbortController();
  const call = channel.request<number>("m", {}, { timeout: 1_000, signal });
  link.deliver({ id: 1, result: 1 });
  expect(await call).toBe(1);
  vi.advanceTimersByTime(2_000);
  expect(vi.getTimerCount()).toBe(0);
  await channel.close();
});

test("requests on several signals at once leave a listener on none of them", async () => {
  const { channel, link } = open();
  const signals = Array.from({ length: 3 }, () => new AbortController().signal);
  const calls = signals.map((signal) => channel.request<number>("m", {}, { signal }));
  for (const id of [1, 2, 3]) link.deliver({ id, result: id });
  expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(1_000);
  expect(signals.flatMap((signal) => getEventListeners(signal, "abort"))).toEqual([]);
  await channel.close();
});

test("a timeout beyond what a timer can hold is waited for in steps that a timer can hold", async () => {
  const { channel } = open();
  const setTimer = vi.spyOn(globalThis, "setTimeout");
  const month = 31 * 24 * 60 * 60 * 1000;
  let failure: unknown;
  const call = rejectionOf(channel.request("m", {}, { timeout: month })).then((error) => (failure = error));
  vi.advanceTimersByTime(month - 1_000);
  await Promise.resolve();
  expect(failure).toBeUndefined();
  vi.advanceTimersByTime(2_000);
  expect(await call).toMatchObject({ code: "TIMEOUT" });
  expect(setTimer.mock.calls.length).toBeLessThan(5);
  expect(Math.max(...setTimer.mock.calls.map(([, delay]) => delay ?? 0))).toBeLessThan(2 ** 31);
  await channel.close();
});

test("notifications that are refused, and nobody waits for, are no unhandled rejections", async () => {
  const { channel, link } = open();
  link.queuedBytes = Infinity;
  void channel.notify("m");
  void channel.notify("m", { wrong: 1n });
  await channel.close();
  void channel.notify("m");
  // One that is not handled would be told at the end of this turn, and fail the run.
  await new Promise((resolve) => setImmediate(resolve));
  expect(link.sent).toEqual([]);
});

test("a link that ends twice ends its channel once, for the first reason", async () => {
  const link = new FakeLink();
  let receiver: ByteReceiver | undefined;
  link.start = (given) => (receiver = given);
  const channel = createChannel({ link });
  for (const reason of ["first", "second"]) receiver?.end(new ChannelError("CHANNEL_CLOSED", reason));
  expect((await channel.closed).message).toBe("first");
  expect(((await rejectionOf(channel.request("late"))) as ChannelError).cause).toMatchObject({ message: "first" });
  expect(link.closes).toBe(1);
});
