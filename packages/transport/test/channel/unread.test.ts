import { expect, onTestFinished, test } from "vitest";
import { createChannel, type ChannelError } from "../../src/index.js";
import { FakeLink } from "../support/fake-link.js";

const KIB = 1024;

test("who asks and asks and never reads is given up before the refusals fill the memory", async () => {
  const link = new FakeLink();
  const channel = createChannel({
    link,
    answersUnreadable: true,
    limits: { maxQueuedBytes: 64 * KIB, maxHeldBytes: 64 * KIB },
  });
  onTestFinished(() => channel.close());
  channel.onRequest("m", () => 1);
  link.queuedBytes = 200 * KIB;
  for (let id = 0; id < 2_000; id++) link.deliver({ id, method: "m" });
  expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  expect((await channel.closed).message).toContain("does not read its answers");
  expect(link.sent.length).toBeLessThanOrEqual((64 * KIB) / 128);
});

test("requests that wait for room are bounded by their size, together with notifications", async () => {
  const link = new FakeLink();
  const channel = createChannel({
    link,
    whenFull: "wait",
    limits: { maxHeldBytes: 10 * KIB, maxQueuedBytes: 10 * KIB },
  });
  onTestFinished(() => channel.close());
  link.queuedBytes = 20 * KIB;
  const text = "x".repeat(4 * KIB);
  const waiting = [channel.request("a", { text }), channel.notify("b", { text })];
  for (const one of waiting) one.catch(() => undefined);
  await expect(channel.request("c", { text })).rejects.toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
  await expect(channel.notify("d", { text })).rejects.toMatchObject({
    code: "OVERLOADED",
  } satisfies Partial<ChannelError>);
  link.drain();
  await new Promise((resolve) => setImmediate(resolve));
  expect(link.sent.map(({ method }: { method: string }) => method)).toEqual(["a", "b"]);
});
