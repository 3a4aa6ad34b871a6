import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";
import { readAll, Source } from "../support/streams.js";

describe("channel.remote", () => {
  test("calls a method by its name", async () => {
    const { left, right } = openPair();
    right.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b);
    right.onRequest("hello", () => "hello");
    right.onRequest("math/add", ([a, b]: [number, number]) => a + b);
    const { add, hello } = left.remote;
    expect(await left.remote["add"]?.({ a: 1, b: 2 })).toBe(3);
    expect(await add?.({ a: 3, b: 4 })).toBe(7);
    expect(await hello?.()).toBe("hello");
    expect(await left.remote["math/add"]?.([1, 2])).toBe(3);
  });

  test("hands the options on", async () => {
    const { channel } = openWithPeer();
    expect(await rejectionOf(channel.remote["m"]!({}, { timeout: 5 }))).toMatchObject({ code: "TIMEOUT" });
    expect(await rejectionOf(channel.remote["m"]!({}, { signal: AbortSignal.abort("no") }))).toBe("no");
  });

  test("rejects as a request does, and names the method", async () => {
    const { left } = openPair();
    expect(await rejectionOf(left.remote["none"]!())).toMatchObject({ code: -32601, method: "none" });
  });

  test("streams", async () => {
    const { left, right } = openPair();
    right.onRequest("count", ({ to }: { to: number }) => new Source().count(to));
    expect(await readAll(left.remote["count"]!.stream({ to: 3 }))).toEqual({ items: [1, 2, 3], result: "done" });
  });

  test("gives the same function for the same name", () => {
    const { channel } = openWithPeer();
    expect(channel.remote["add"] === channel.remote["add"]).toBe(true);
    expect(channel.remote === channel.remote).toBe(true);
  });

  test("goes through interceptors", async () => {
    const { left } = openPair({ interceptors: [({ method }) => Promise.resolve(`intercepted ${method}`)] });
    expect(await left.remote["add"]?.()).toBe("intercepted add");
  });

  test.each<[string, (remote: unknown) => unknown]>([
    [
      "awaited",
      async (remote) => {
        await remote;
      },
    ],
    ["resolved with", (remote) => Promise.resolve(remote)],
    ["made JSON of", (remote) => JSON.stringify({ remote })],
    ["inspected", (remote) => inspect(remote, { depth: 9, showHidden: true, showProxy: true })],
    ["inspected through its proxy", (remote) => inspect({ remote }, { showProxy: false, getters: true })],
    ["turned into a text", (remote) => `${String(remote)} ${Object.prototype.toString.call(remote)}`],
    [
      "compared and asked what it is",
      (remote) => [remote instanceof Promise, typeof remote, "then" in (remote as object)],
    ],
    [
      "spread and listed",
      (remote) => [{ ...(remote as object) }, Object.keys(remote as object), Reflect.ownKeys(remote as object)],
    ],
    ["cloned, which is refused", (remote) => expect(() => structuredClone(remote)).toThrow()],
    [
      "logged",
      (remote) => {
        const log = vi.spyOn(console, "log").mockImplementation((...values) => void inspect(values));
        console.log(remote);
        expect(log).toHaveBeenCalled();
      },
    ],
  ])("sends nothing when it is %s", async (_, use) => {
    const { channel, peer } = openWithPeer();
    await use(channel.remote);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(channel.stats().requestsSent).toBe(0);
  });

  test("sends nothing when one of its methods is looked at", async () => {
    const { channel, peer } = openWithPeer();
    expect(inspect(channel.remote["add"])).toContain("Function");
    expect(JSON.stringify({ add: channel.remote["add"] })).toBe("{}");
    expect(await (channel.remote["add"] as unknown)).toBe(channel.remote["add"]);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
  });

  test("can't be written to", () => {
    const { channel } = openWithPeer();
    expect(() => Object.assign(channel.remote, { add: 1 })).toThrow(TypeError);
  });
});
