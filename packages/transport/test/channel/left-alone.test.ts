// Promises that nobody waits for: none of them becomes an unhandled rejection, which ends a Node process.
/* eslint-disable @typescript-eslint/no-misused-promises -- users give async functions where nobody waits */

import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createChannel, type RequestContext } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";
import { settle } from "../support/streams.js";

const onUnhandled = vi.fn();
const never = new Promise<never>(() => undefined);

beforeEach(() => {
  onUnhandled.mockClear();
  process.on("unhandledRejection", onUnhandled);
  onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
});

test("what a handler says with nobody waiting for it, after the other side has gone, harms nobody", async () => {
  const { left, right } = openPair();
  let context: RequestContext | undefined;
  right.onRequest("m", (_params, given) => {
    context = given;
    return never;
  });
  const call = rejectionOf(left.request("m"));
  await expect.poll(() => context).toBeDefined();
  await left.close();
  await right.closed;
  void context?.notify("log", { message: "too late" });
  void context?.progress(0.5);
  void right.notify("log", { message: "too late" });
  await call;
  await settle();
  expect(onUnhandled.mock.calls).toEqual([]);
});

test("what a handler says with nobody waiting for it, while the queue is full, harms nobody, and who waits hears of it", async () => {
  const link = new FakeLink();
  const channel = createChannel({ link, limits: { maxQueuedBytes: 10 } });
  const outcomes: unknown[] = [];
  channel.onRequest("m", async (_params, context) => {
    link.queuedBytes = 100;
    void context.notify("log");
    void context.progress(0.5);
    void context.progress(1n);
    outcomes.push(await rejectionOf(context.notify("log")), await rejectionOf(context.progress(0.5)));
  });
  link.deliver({ id: 1, method: "m" });
  await channel.idle();
  await settle();
  expect(outcomes).toMatchObject([{ code: "OVERLOADED" }, { code: "OVERLOADED" }]);
  expect(onUnhandled.mock.calls).toEqual([]);
  await channel.close();
});

test("a notification under way when the link breaks harms nobody, and who waits hears of it", async () => {
  const link = new FakeLink();
  const channel = createChannel({ link });
  link.queuedBytes = 100;
  void channel.notify("log");
  const sent = rejectionOf(channel.notify("log"));
  link.end();
  expect(await sent).toMatchObject({ code: "CHANNEL_CLOSED" });
  await settle();
  expect(onUnhandled.mock.calls).toEqual([]);
});

test("an item or an input asked for ahead, whose stream fails, harms nobody", async () => {
  const { left, right } = openPair();
  let asked: Promise<unknown> | undefined;
  right.onRequest("m", async (_params, { input }: RequestContext) => {
    asked = input[Symbol.asyncIterator]().next();
    await never;
  });
  right.onRequest("items", () => never);
  const controller = new AbortController();
  const input = (async function* () {
    await never;
    yield 1;
  })();
  const call = rejectionOf(left.request("m", {}, { input, signal: controller.signal }));
  const item = left.stream("items", {}, { signal: controller.signal }).next();
  await expect.poll(() => asked !== undefined).toBe(true);
  controller.abort("stop");
  expect(await call).toBe("stop");
  await right.idle();
  await settle();
  expect(onUnhandled.mock.calls).toEqual([]);
  expect(await rejectionOf(item)).toBe("stop");
  expect(await rejectionOf(asked ?? never)).toMatchObject({ code: -32800 });
});

test("what an async callback rejects with is reported", async () => {
  const { channel, peer, errors } = openWithPeer({ onNoise: async () => Promise.reject(new Error("noise")) });
  const onProgress = async (): Promise<never> => Promise.reject(new Error("progress"));
  const call = channel.request<number>("m", {}, { onProgress });
  peer.sendText("a stray print\n");
  peer.send({ method: "$/progress", params: { token: 1, value: 1 } }, { id: 1, result: 2 });
  expect(await call).toBe(2);
  await settle();
  expect(errors.map((error) => (error as Error).message).sort()).toEqual(["noise", "progress"]);
  expect(onUnhandled.mock.calls).toEqual([]);
});

test("an async onError that rejects harms nobody", async () => {
  const print = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => {
    print.mockRestore();
  });
  const { channel, peer } = openWithPeer({ onError: async () => Promise.reject(new Error("mine")) });
  channel.onNotification("log", () => {
    throw new Error("no");
  });
  peer.send({ method: "log" });
  await peer.roundTrip();
  await settle();
  expect(onUnhandled.mock.calls).toEqual([]);
  expect(print).toHaveBeenCalledTimes(1);
});
