import { basename } from "node:path";
import { expect, test } from "vitest";
import { JsonCodec } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";

const HERE = basename(import.meta.url);

/** What waits in a program, by a name to look for in stacks. */
async function callerOfOurs(call: () => Promise<unknown>): Promise<unknown> {
  const result = await call();
  return result;
}

function framesOf(error: unknown): string[] {
  return ((error as Error).stack ?? "").split("\n").slice(1);
}

test.each<[string, (ask: (method: string) => Promise<unknown>) => Promise<unknown>]>([
  ["await", (ask) => ask("fail")],
  ["Promise.all", (ask) => Promise.all([ask("fail"), ask("ok")])],
  ["Promise.race and finally", (ask) => Promise.race([ask("fail")]).finally(() => 0)],
  ["a function that hands the promise on", async (ask) => ask("fail")],
])("the stack of an error answer names the lines that wait for it, by %s", async (_, call) => {
  const { left, right } = openPair();
  right.onRequest("ok", () => 1);
  right.onRequest("fail", () => {
    throw new Error("no such table");
  });
  const error = await rejectionOf(callerOfOurs(() => call((method) => left.request(method))));
  expect((error as Error).stack).toMatch(/^RpcError: no such table\n/);
  expect(framesOf(error).find((frame) => frame.includes("callerOfOurs"))).toContain(HERE);
});

test("so do the stacks of a timeout and of the end of the channel", async () => {
  const { channel } = openWithPeer();
  const late = await rejectionOf(callerOfOurs(() => channel.request("add", {}, { timeout: 10 })));
  expect(late).toMatchObject({ code: "TIMEOUT" });
  expect(framesOf(late).join("\n")).toContain("callerOfOurs");
  const lost = rejectionOf(callerOfOurs(() => channel.request("add")));
  await channel.close();
  expect(await lost).toMatchObject({ code: "CHANNEL_CLOSED" });
  expect(framesOf(await lost).join("\n")).toContain("callerOfOurs");
});

test("a signal's reason stays as it is", async () => {
  const { channel } = openWithPeer();
  const reason = new Error("mine");
  const { stack } = reason;
  const controller = new AbortController();
  const call = rejectionOf(callerOfOurs(() => channel.request("add", {}, { signal: controller.signal })));
  controller.abort(reason);
  expect(await call).toBe(reason);
  expect(reason.stack).toBe(stack);
});

test("a request that failed and that nobody waits for is an unhandled rejection, once, as it always was", async () => {
  const { channel } = openWithPeer();
  const heard: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason) => heard.push(reason));
  try {
    void channel.request("add", {}, { timeout: 5 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect.poll(() => heard.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toMatchObject([{ code: "TIMEOUT" }]);
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
    await channel.close();
  }
});

const circle: Record<string, unknown> = { name: "c" };
circle["deep"] = [{ again: circle }];

test.each<[string, object, string]>([
  ["a bigint", { rows: [{}, { when: 5n }] }, "params.rows[1].when. Send it as a string, or use MessagePackCodec."],
  ["NaN", { ratio: NaN }, "params.ratio. Send null or a string, or use MessagePackCodec."],
  ["a Map", { index: new Map() }, "params.index. Send Object.fromEntries(map), or [...map]."],
  ["a Set in an array", [new Set()], "params[0]. Send [...set]."],
  ["bytes", { image: new Uint8Array(2) }, "params.image. Binary values need MessagePackCodec."],
  ["a promise", { result: Promise.resolve() }, "params.result. Await it first."],
  ["an Error", { cause: new Error("x") }, "params.cause. Send its message."],
  ["an invalid Date", { when: new Date(NaN) }, "params.when. Send null in its place."],
  ["a circle", circle, "params.deep[0].again. Leave it out."],
  ["a circle through toJSON", { a: { toJSON: () => circle } }, "params.a.deep[0].again. Leave it out."],
  ["an odd name", { "a b": { 1: 5n } }, 'params["a b"]["1"]. Send it as a string, or use MessagePackCodec.'],
])("ENCODE_FAILED names the place in the params, and what to do: %s", async (_, params, end) => {
  const { channel } = openWithPeer();
  const error = await rejectionOf(channel.request("save", params));
  expect(error).toMatchObject({ code: "ENCODE_FAILED", method: "save", delivery: "not-sent" });
  expect((error as Error).message).toMatch(/^save: JSON can't express /);
  expect((error as Error).message.slice(-end.length)).toBe(end);
  await expect(channel.notify("save", params)).rejects.toMatchObject({ message: (error as Error).message });
});

test("an object that stands in two places, one not inside of the other, is sent", async () => {
  const { left, right } = openPair();
  right.onRequest("echo", (params: unknown) => params);
  const shared = { when: { toJSON: () => "now" } };
  expect(await left.request("echo", { a: shared, b: [shared, { shared }] })).toEqual({
    a: { when: "now" },
    b: [{ when: "now" }, { shared: { when: "now" } }],
  });
});

test("a result that can't be sent is named by its place, too", async () => {
  const { left, right } = openPair();
  right.onRequest("table", () => ({ rows: [{ id: 5n }] }));
  expect(await rejectionOf(left.request("table"))).toMatchObject({
    code: -32_603,
    message: "JSON can't express a bigint at result.rows[0].id. Send it as a string, or use MessagePackCodec.",
  });
});

test("the codec alone names the place in what it was given", () => {
  expect(() => new JsonCodec().encode({ rows: [5n] })).toThrow("at rows[0].");
  expect(() => new JsonCodec().encode(5n)).toThrow("JSON can't express a bigint. Send");
});
