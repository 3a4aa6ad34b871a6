/** A codec that knows only whole values: the protocol builds each message as a value, batches included. */
import { describe, expect, test } from "vitest";
import { LengthPrefixedFraming, RpcError, type Codec, type RequestContext } from "../../src/index.js";
import { openPair, rejectionOf, type Pair } from "../support/channels.js";
import { readAll, Source } from "../support/streams.js";

const codec: Codec = {
  name: "values",
  binary: true,
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes, start, end) => JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as unknown,
};

function open(): Pair {
  const options = { codec, framing: new LengthPrefixedFraming() };
  const pair = openPair(options, options);
  pair.right.onRequest("echo", (params: unknown) => params);
  pair.right.onRequest("nothing", () => undefined);
  pair.right.onRequest("fail", () => {
    throw new RpcError(7, "no", { data: { why: null } });
  });
  pair.right.onRequest("count", ({ to }: { to: number }) => new Source().count(to));
  pair.right.onRequest("gather", async (_params, { input }: RequestContext) => {
    const items: unknown[] = [];
    for await (const item of input) items.push(item);
    return items;
  });
  return pair;
}

describe("over a codec of whole values", () => {
  test("requests, errors and notifications are what they are over text", async () => {
    const { left, right } = open();
    const seen: unknown[] = [];
    right.onNotification("log", (params: unknown) => seen.push(params));
    expect(await left.request("echo", { a: [1] })).toEqual({ a: [1] });
    expect(await left.request("nothing")).toBeNull();
    expect(await rejectionOf(left.request("fail"))).toMatchObject({ code: 7, data: { why: null } });
    expect(await rejectionOf(left.request("none"))).toMatchObject({ code: -32601 });
    expect(await rejectionOf(left.request("echo", { n: 1n }))).toMatchObject({ code: "ENCODE_FAILED" });
    await left.notify("log", [1]);
    await expect.poll(() => seen).toEqual([[1]]);
  });

  test("a batch is one message there and one back", async () => {
    const { left } = open();
    const calls = [{ method: "echo", params: [1] }, { method: "log", notify: true }, { method: "fail" }];
    expect(await left.batch(calls)).toMatchObject([{ value: [1] }, { value: undefined }, { reason: { code: 7 } }]);
  });

  test("streams and inputs flow, and are cancelled", async () => {
    const { left, right } = open();
    expect(await readAll(left.stream("count", { to: 3 }))).toEqual({ items: [1, 2, 3], result: "done" });
    expect(await left.request("gather", {}, { input: [1, 2] })).toEqual([1, 2]);
    for await (const _ of left.stream("count", { to: 1e9 })) break;
    await right.idle();
    expect(left.stats()).toMatchObject({ inFlight: 0, cancelled: 1 });
  });
});
