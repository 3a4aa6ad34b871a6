import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChannelError, createChannel, type Channel, type CreateChannelOptions } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Opened {
  readonly channel: Channel;
  readonly link: FakeLink;
  readonly warnings: unknown[];
}

function open(options: CreateChannelOptions = {}): Opened {
  const link = new FakeLink();
  const warnings: unknown[] = [];
  const channel = createChannel({
    onError: (error) => warnings.push(error),
    onNoise: () => undefined,
    ...options,
    link,
  });
  return { channel, link, warnings };
}

function ask(channel: Channel, method: string, timeout?: number): Promise<unknown> {
  return rejectionOf(channel.request(method, {}, { timeout }));
}

test("a request without a timeout waits for a side that never says a word: that is told, once, after five seconds", async () => {
  const { channel, warnings } = open();
  const waiting = [ask(channel, "add"), ask(channel, "other")];
  vi.advanceTimersByTime(4_990);
  expect(warnings).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toBeInstanceOf(ChannelError);
  expect(warnings[0]).toMatchObject({
    code: "TIMEOUT",
    method: "add",
    message:
      "add still waits for its answer, after 5000 ms (option warnAfterMs). Nothing has ever arrived from the other side. " +
      "Does it read and write line-delimited json, as this side does?",
  });
  vi.advanceTimersByTime(60_000);
  expect(warnings).toHaveLength(1);
  await channel.close();
  await Promise.all(waiting);
});

test("bytes that are no messages are counted in the warning", async () => {
  const { channel, link, warnings } = open({ warnAfterMs: 100 });
  const waiting = ask(channel, "add");
  link.deliverText("usage: worker [options]\n");
  vi.advanceTimersByTime(110);
  expect((warnings[0] as Error).message).toContain(
    "24 bytes have arrived from the other side, and no message among them. Does it read and write",
  );
  await channel.close();
  await waiting;
});

test.each([
  ["an answer", { id: 1, result: 1 }],
  ["a late or forged answer", { id: 77, result: 1 }],
  ["an error", { id: 1, error: { code: -32_000, message: "busy" } }],
  ["a notification", { method: "log", params: {} }],
  ["a request", { id: "r", method: "ask" }],
  ["progress", { method: "$/progress", params: { token: 1, value: 1 } }],
  ["items of a stream", { method: "$/stream/items", params: { id: 9, items: [] } }],
])("after %s a request may wait for as long as it likes", async (_, message) => {
  const { channel, link, warnings } = open();
  const waiting = [channel.request("add").catch(() => 0), ask(channel, "slow")];
  link.deliver(message);
  vi.advanceTimersByTime(600_000);
  expect(warnings).toEqual([]);
  const timedOut = ask(channel, "quick", 10);
  vi.advanceTimersByTime(20);
  expect(((await timedOut) as Error).message).toBe(
    "quick: no answer within 10 ms. The request may already have run. Raise the timeout if the work can take longer.",
  );
  await channel.close();
  await Promise.all(waiting);
});

test("TIMEOUT says that nothing was ever understood", async () => {
  const { channel } = open();
  const timedOut = ask(channel, "add", 10);
  vi.advanceTimersByTime(20);
  expect(await timedOut).toMatchObject({
    code: "TIMEOUT",
    message:
      "add: no answer within 10 ms. Nothing has ever arrived from the other side. Does it read and write " +
      "line-delimited json, as this side does? The request may already have run. Raise the timeout if the work can take " +
      "longer.",
  });
  await channel.close();
});

test("nobody waits when the time is up: the next request begins anew, and its silence is told", async () => {
  const { channel, warnings } = open({ warnAfterMs: 1_000 });
  const first = ask(channel, "first", 10);
  vi.advanceTimersByTime(1_500);
  await first;
  expect(warnings).toEqual([]);
  const second = ask(channel, "second");
  vi.advanceTimersByTime(900);
  expect(warnings).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(warnings).toMatchObject([{ method: "second" }]);
  await channel.close();
  await second;
});

test.each([Infinity, 2 ** 31 + 5])(
  "warnAfterMs of %d: no warning, and no timer that fires at once",
  async (warnAfterMs) => {
    const { channel, warnings } = open({ warnAfterMs });
    const waiting = ask(channel, "add");
    vi.advanceTimersByTime(3_600_000);
    expect(warnings).toEqual([]);
    await channel.close();
    await waiting;
  },
);

test("a channel that is closed while nothing was heard has no timer and warns nobody", async () => {
  const { channel, warnings } = open();
  const waiting = ask(channel, "add");
  await channel.close();
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(warnings).toEqual([]);
});

test("a warning that closes the channel: what waits is told of that", async () => {
  const link = new FakeLink();
  const channel = createChannel({ link, warnAfterMs: 50, onError: () => void channel.close() });
  const waiting = [ask(channel, "add"), ask(channel, "other", 60)];
  vi.advanceTimersByTime(100);
  for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: "CHANNEL_CLOSED" });
  expect(vi.getTimerCount()).toBe(0);
});
