// Channels that are each other's other side in memory, in MessagePack: each frame that they write is read along, and
// fails the test when it is no valid message.

import { ContentLengthFraming, LengthPrefixedFraming, RpcError, type RequestContext } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { openPair, rejectionOf, type Pair } from "../../transport/test/support/channels.js";
import { MessagePackCodec } from "../src/index.js";

const framings = [new LengthPrefixedFraming(), new ContentLengthFraming()];
const BYTES = Uint8Array.of(0, 10, 13, 255);

describe.each(framings)("in frames that are $name", (framing) => {
  function open(): Pair {
    const pair = openPair({ framing, codec: new MessagePackCodec() }, { framing, codec: new MessagePackCodec() });
    pair.right.onRequest("echo", (params: unknown) => params);
    pair.right.onRequest("fail", () => {
      throw new RpcError(7, "on purpose", { data: { bytes: BYTES } });
    });
    return pair;
  }

  test("requests both ways at once carry binary values, and errors too", async () => {
    const { left, right } = open();
    left.onRequest("double", ({ numbers }: { readonly numbers: Float64Array }) => numbers.map((n) => 2 * n));
    const values = { bytes: BYTES, big: 2n ** 63n, when: new Date(0), none: null };
    const calls = [
      left.request<unknown>("echo", values),
      right.request<unknown>("double", { numbers: Float64Array.of(0.5) }),
    ];
    expect(await Promise.all(calls)).toEqual([values, Float64Array.of(1)]);
    expect(await rejectionOf(left.request("fail"))).toMatchObject({ code: 7, data: { bytes: BYTES } });
    expect(await rejectionOf(left.request("nothing"))).toMatchObject({ code: -32601 });
  });

  test("a batch is answered in one", async () => {
    const { left, right } = open();
    const notified: unknown[] = [];
    right.onNotification("log", (params: unknown) => notified.push(params));
    const calls = [
      { method: "echo", params: [BYTES] },
      { method: "log", params: { at: 1n }, notify: true },
      { method: "fail" },
    ];
    const results = await left.batch(calls);
    expect(results).toMatchObject([{ value: [BYTES] }, { status: "fulfilled" }, { reason: { code: 7 } }]);
    expect(notified).toEqual([{ at: 1 }]);
  });

  test("streams and inputs carry arrays of numbers, in order", async () => {
    const { left, right } = open();
    right.onRequest("sums", async function* (_params: unknown, { input }: RequestContext) {
      let sum = 0;
      for await (const numbers of input as AsyncIterable<Float64Array>) {
        sum += numbers.reduce((one, other) => one + other, 0);
        yield Float64Array.of(sum);
      }
    });
    const input = Array.from({ length: 3_000 }, (_, n) => Float64Array.of(n, 0.5));
    const sums: Float64Array[] = [];
    for await (const sum of left.stream<Float64Array>("sums", {}, { input })) sums.push(sum);
    expect(sums).toHaveLength(3_000);
    expect(sums.at(-1)).toEqual(Float64Array.of((2_999 * 3_000) / 2 + 1_500));
  });

  test("progress, a cancel and the end are heard", async () => {
    const { left, right } = open();
    let heard: unknown;
    right.onRequest("slow", async (_params: unknown, context: RequestContext) => {
      const aborted = new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      await context.progress(BYTES);
      await aborted;
      heard = context.signal.reason;
    });
    const controller = new AbortController();
    const onProgress = (value: unknown): void => {
      expect(value).toEqual(BYTES);
      controller.abort("enough");
    };
    expect(await rejectionOf(left.request("slow", {}, { onProgress, signal: controller.signal }))).toBe("enough");
    await expect.poll(() => heard).toBeInstanceOf(RpcError);
    await left.close();
    expect(await right.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  });
});
