import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createMemoryByteLinks, type Channel } from "../../src/index.js";
import { Lasting } from "../../src/channel/lasting.js";
import type { Life } from "../../src/channel/life.js";
import type { LinkChannel } from "../../src/channel/link-channel.js";
import { openChannel, resolveStack } from "../../src/node/assemble.js";
import { rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";

interface Opened {
  readonly channel: Channel;
  readonly link: FakeLink;
}

function openLife(lasting: Lasting): Opened {
  const link = new FakeLink();
  const channel = openChannel(resolveStack({}), link, {}, lifeOf(lasting));
  onTestFinished(() => channel.close());
  return { channel, link };
}

function lifeOf(lasting: Lasting): Life<LinkChannel> {
  return { lasting, isPending: false, onEnd: () => undefined };
}

function log(message: string): object {
  return { method: "log", params: { message } };
}

describe("handlers outlive a link", () => {
  test("a second channel over the same registry answers with the handlers that were added before it", async () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    registry.onRequest("double", ({ value }: { value: number }) => 2 * value);
    for (let life = 0; life < 2; life += 1) {
      const [left, right] = createMemoryByteLinks();
      const caller = openChannel(resolveStack({}), left, {});
      const serving = openChannel(resolveStack({}), right, { answersUnreadable: true }, lifeOf(lasting));
      expect(await caller.request("double", { value: 21 + life })).toBe(42 + 2 * life);
      const { methods } = await caller.request<{ methods: object[] }>("rpc.discover");
      expect(methods).toEqual([{ name: "double" }]);
      await Promise.all([caller.close(), serving.close()]);
    }
  });

  test("a handler that is added through one channel serves the next, until its disposer is called", () => {
    const lasting = new Lasting();
    const first = openLife(lasting);
    const remove = first.channel.onRequest("m", () => "here");
    first.link.end();
    const second = openLife(lasting);
    second.link.deliver({ id: 1, method: "m" });
    remove();
    second.link.deliver({ id: 2, method: "m" });
    expect(second.link.sent).toMatchObject([{ result: "here" }, { error: { code: -32601 } }]);
  });

  test("notifications of each life reach the same handlers, once and in order", () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    const seen: unknown[] = [];
    registry.onNotification("log", ({ message }: { message: string }) => seen.push(message));
    registry.onNotification(({ method }: { method: string }) => seen.push(method));
    for (const name of ["first", "second"]) {
      const { link } = openLife(lasting);
      link.deliver(log(name), { method: "other" });
      link.end();
    }
    expect(seen).toEqual(["first", "log", "other", "second", "log", "other"]);
  });

  test("a handler that is removed between two lives gets nothing of the second", () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    const seen: unknown[] = [];
    const remove = registry.onNotification("log", (params: unknown) => seen.push(params));
    openLife(lasting).link.end();
    remove();
    openLife(lasting).link.deliver(log("a"));
    expect(seen).toEqual([]);
  });
});

describe("what is of one life stays in it", () => {
  test("a handler that is slow in the first life is called for the second at once", async () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    const seen: string[] = [];
    let release: () => void = () => undefined;
    registry.onNotification("log", ({ message }: { message: string }) => {
      seen.push(message);
      return new Promise<void>((resolve) => (release = resolve));
    });
    const first = openLife(lasting);
    first.link.deliver(log("1a"), log("1b"));
    const releaseFirst = release;
    first.link.end();
    openLife(lasting).link.deliver(log("2a"));
    expect(seen).toEqual(["1a", "2a"]);
    // What had arrived before the end is handed on all the same.
    releaseFirst();
    await vi.waitFor(() => {
      expect(seen).toEqual(["1a", "2a", "1b"]);
    });
  });

  test("what waits for a handler of an ended life is dropped when the handler is removed", async () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    const seen: string[] = [];
    let release: () => void = () => undefined;
    const remove = registry.onNotification("log", ({ message }: { message: string }) => {
      seen.push(message);
      return new Promise<void>((resolve) => (release = resolve));
    });
    const { channel, link } = openLife(lasting);
    link.deliver(log("a"), log("b"));
    link.end();
    remove();
    release();
    await channel.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["a"]);
  });

  test("a notification that nobody took in the first life is not handed to a handler of the second", async () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    const seen: unknown[] = [];
    const first = openLife(lasting);
    first.link.deliver(log("early"));
    first.link.end();
    expect(first.channel.stats().notificationsDropped).toBe(1);
    const { link } = openLife(lasting);
    registry.onNotification("log", ({ message }: { message: string }) => seen.push(message));
    link.deliver(log("late"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["late"]);
  });

  test("a request that runs when its life ends is aborted, and its answer does not go to the next life", async () => {
    const lasting = new Lasting();
    const { registry } = lasting;
    const aborts: unknown[] = [];
    let answer: (value: string) => void = () => undefined;
    registry.onRequest("slow", (_params, { signal }) => {
      signal.addEventListener("abort", () => aborts.push(signal.reason));
      return new Promise((resolve) => (answer = resolve));
    });
    const first = openLife(lasting);
    first.link.deliver({ id: 1, method: "slow" });
    first.link.end();
    const second = openLife(lasting);
    answer("too late");
    await new Promise((resolve) => setImmediate(resolve));
    expect(aborts).toHaveLength(1);
    expect(second.link.sent).toEqual([]);
  });
});

test("lives that are over are let go of by the registry", async () => {
  const lasting = new Lasting();
  const { registry } = lasting;
  registry.onNotification("log", () => undefined);
  const lives = Array.from({ length: 100 }, () => openLife(lasting));
  expect(registry.lives).toBe(100);
  for (const { link, channel } of lives.slice(0, 50)) {
    link.end();
    await channel.closed;
  }
  await Promise.all(lives.slice(50).map(({ channel }) => channel.close()));
  expect(registry.lives).toBe(0);
});

test("a channel without a registry has one of its own: a method that another serves can be added", async () => {
  const [left, right] = createMemoryByteLinks();
  const [one, other] = [openChannel(resolveStack({}), left, {}), openChannel(resolveStack({}), right, {})];
  one.onRequest("m", () => 1);
  expect(() => one.onRequest("m", () => 2)).toThrow("registered already");
  expect(await rejectionOf(one.request("m"))).toMatchObject({ code: -32601 });
  other.onRequest("m", () => 2);
  expect(await one.request("m")).toBe(2);
  await Promise.all([one.close(), other.close()]);
});

test("a disposer that is called again does not take away a handler that was added since", async () => {
  const [left, right] = createMemoryByteLinks();
  const caller = openChannel(resolveStack({}), left, {});
  const serving = openChannel(resolveStack({}), right, {});
  const handler = (): string => "still here";
  const removeOnce = serving.onRequest("m", handler);
  const removeFallback = serving.onRequest(handler);
  removeOnce();
  removeFallback();
  serving.onRequest("m", handler);
  const removeSecond = serving.onRequest(handler);
  removeOnce();
  removeFallback();
  expect(await caller.request("m")).toBe("still here");
  expect(await caller.request("any other")).toBe("still here");
  removeSecond();
  await Promise.all([caller.close(), serving.close()]);
});
