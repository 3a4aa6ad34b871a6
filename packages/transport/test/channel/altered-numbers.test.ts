/** What the other side writes is never altered in silence: not in an answer, nor in params, nor in an item of a stream. */

import { describe, expect, test } from "vitest";
import { ChannelError, JsonCodec, RpcError, type RequestContext } from "../../src/index.js";
import { openWithPeer, rejectionOf } from "../support/channels.js";

const BIG = "9007199254740993";
const ALTERED = [BIG, "-9007199254740993", "1e400", "-1e400", "1e-400", "9007199254740993.0"];

function line(members: string): string {
  return `{"jsonrpc":"2.0",${members}}\n`;
}

describe.each(ALTERED)("an answer that holds %s", (literal) => {
  test.each([
    ["as its result", `"id":1,"result":${literal}`, "result"],
    ["deep in its result", `"id":1,"result":{"a":[0,{"n":${literal}}]}`, "result.a[1].n"],
    ["in its result, in another order", `"result":[${literal}],"id":1`, "result[0]"],
    [
      "in the data of its error",
      `"id":1,"error":{"code":-32000,"message":"no","data":{"n":${literal}}}`,
      "error.data.n",
    ],
  ])("%s rejects its request with DECODE_FAILED, and the place", async (_, members, place) => {
    const { channel, peer, errors } = openWithPeer();
    const request = rejectionOf(channel.request("sum"));
    const other = channel.request("other");
    await peer.next();
    peer.sendText(line(members) + line('"id":2,"result":"fine"'));
    const error = await request;
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: "DECODE_FAILED", method: "sum", delivery: "unknown" });
    expect((error as Error).message).toMatch(/^sum: /);
    expect((error as Error).message).toContain(`${literal} at ${place} would arrive as ${Number(literal)}`);
    expect(await other).toBe("fine");
    expect(errors).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, failed: 1, succeeded: 1, malformed: 1 });
  });
});

test("an error with data that can't be read keeps what the other side said as the cause", async () => {
  const { channel, peer } = openWithPeer();
  const request = rejectionOf(channel.request("sum"));
  await peer.next();
  peer.sendText(line(`"id":1,"error":{"code":-32000,"message":"out of range","data":${BIG}}`));
  const error = await request;
  expect((error as Error).message).toContain('"out of range"');
  expect((error as Error).cause).toBeInstanceOf(RpcError);
  expect((error as Error).cause).toMatchObject({ code: -32000, message: "out of range", method: "sum" });
});

test("an answer to nobody that holds one is ignored, as any answer to nobody", async () => {
  const { channel, peer, errors, noise } = openWithPeer();
  peer.sendText(line(`"id":77,"result":${BIG}`));
  await peer.roundTrip();
  expect([...errors, ...noise]).toEqual([]);
  expect(channel.stats()).toMatchObject({ answersIgnored: 1 });
});

describe.each([
  ["the side that calls", false],
  ["the side that serves", true],
])("on %s", (_, answersUnreadable) => {
  test.each([
    ["in its params", `"method":"echo","params":{"a":[${BIG}]}`, -32602, "params.a[0]"],
    ["behind one that is ignored", `"more":${BIG},"method":"echo","params":[${BIG}]`, -32602, "params[0]"],
  ])("a request with such a number %s is answered, and the channel lives", async (_where, members, code, place) => {
    const { channel, peer, errors } = openWithPeer({ answersUnreadable });
    const handled: unknown[] = [];
    channel.onRequest("echo", (params: unknown) => handled.push(params));
    peer.sendText(line(`"id":"a",${members}`));
    expect(await peer.next()).toMatchObject({ id: "a", error: { code } });
    expect(peer.lines[0]).toContain(`${BIG} at ${place} would arrive as 9007199254740992`);
    expect(errors).toMatchObject([{ code: "DECODE_FAILED", method: "echo" }]);
    peer.sendText(line('"id":"b","method":"echo","params":[1]'));
    expect(await peer.next()).toMatchObject({ id: "b", result: 1 });
    expect(handled).toEqual([[1]]);
  });

  test("such a number in a member that is ignored is ignored with it, and nobody sees it", async () => {
    const { channel, peer, errors } = openWithPeer({ answersUnreadable });
    const seen: unknown[] = [];
    channel.onRequest((message: unknown) => void seen.push(message));
    const mine = channel.request("mine");
    await peer.next();
    peer.sendText(line(`"id":${BIG},"method":"echo","params":[1],"more":{"n":${BIG}},"result":1e400`));
    await peer.next();
    peer.sendText(line(`"more":[${BIG}],"id":1,"result":"fine","params":${BIG}`));
    expect(await mine).toBe("fine");
    expect(seen).toMatchObject([{ jsonrpc: "2.0", method: "echo", params: [1] }]);
    expect(Object.keys(seen[0] as object)).toEqual(["jsonrpc", "id", "method", "params"]);
    expect(peer.lines[1]).toContain(`"id":${BIG},"result":null`);
    expect(errors).toEqual([]);
  });

  test("a notification with such a number is reported, not delivered and not answered", async () => {
    const { channel, peer, errors } = openWithPeer({ answersUnreadable });
    const seen: unknown[] = [];
    channel.onNotification("log", (params: unknown) => seen.push(params));
    peer.sendText(line(`"method":"log","params":{"n":${BIG}}`) + line('"method":"log","params":{"n":1}'));
    await peer.roundTrip();
    expect(seen).toEqual([{ n: 1 }]);
    expect(peer.seen).toHaveLength(1);
    expect(errors).toMatchObject([{ code: "DECODE_FAILED", method: "log" }]);
    expect(String(errors[0])).toContain("at params.n");
  });

  test("in a batch it counts for the message that it stands in, and for no other", async () => {
    const { channel, peer, errors } = openWithPeer({ answersUnreadable });
    channel.onRequest("echo", (params: unknown) => params);
    const mine = rejectionOf(channel.request("mine"));
    await peer.next();
    const batch = [
      `{"jsonrpc":"2.0","id":5,"method":"echo","params":[${BIG}]}`,
      `{"jsonrpc":"2.0","id":12345678901234567890,"method":"echo","params":[2]}`,
      `{"jsonrpc":"2.0","id":1,"result":${BIG}}`,
      `{"jsonrpc":"2.0","method":"log","params":[${BIG}]}`,
      `{"jsonrpc":"2.0","id":7,"method":"echo","params":["x"]}`,
    ];
    peer.sendText(`[${batch.join(" , ")}]\n`);
    const answers = (await peer.next()) as { readonly id: unknown }[];
    expect(answers).toHaveLength(3);
    expect(answers).toContainEqual(
      expect.objectContaining({ id: 5, error: expect.objectContaining({ code: -32602 }) as unknown }),
    );
    expect(answers).toContainEqual({ jsonrpc: "2.0", id: 7, result: ["x"] });
    expect(peer.lines[1]).toContain('"id":12345678901234567890,"result":[2]');
    expect(await mine).toMatchObject({ code: "DECODE_FAILED", method: "mine" });
    expect(errors.map((error) => (error as ChannelError).code)).toEqual(["DECODE_FAILED", "DECODE_FAILED"]);
  });
});

describe("an id beyond 2^53 is no alteration: it is echoed by its text", () => {
  test.each([BIG, "1e400", "-12345678901234567890"])("%s, whatever becomes of other numbers", async (id) => {
    for (const bigIntegers of ["reject", "bigint", "string", "number"] as const) {
      const { channel, peer } = openWithPeer({ codec: new JsonCodec({ bigIntegers }) });
      channel.onRequest("echo", (params: unknown) => typeof (params as unknown[])[0]);
      peer.sendText(line(`"id":${id},"method":"echo","params":[1]`));
      await peer.next();
      expect(peer.lines[0]).toContain(`"id":${id},"result":"number"`);
    }
  });

  test("and cancels the request that has it", async () => {
    for (const bigIntegers of ["reject", "bigint", "string", "number"] as const) {
      const { channel, peer } = openWithPeer({ codec: new JsonCodec({ bigIntegers }) });
      channel.onRequest("wait", (_params, { signal }: RequestContext) => {
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        });
      });
      peer.sendText(line(`"id":${BIG},"method":"wait"`) + line(`"method":"$/cancelRequest","params":{"id":${BIG}}`));
      await peer.next();
      expect(peer.lines[0]).toContain(`"id":${BIG},"error":{"code":-32800`);
    }
  });

  test("but an `id` in the params of a request is a number like any other", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("get", (params: unknown) => params);
    peer.sendText(line(`"id":1,"method":"get","params":{"id":${BIG}}`));
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32602 } });
  });
});

describe("items that hold such a number", () => {
  test("end the stream of the reader after the items before them, and the other side is told to stop", async () => {
    const { channel, peer, errors } = openWithPeer();
    const stream = channel.stream("rows");
    const first = stream.next();
    await peer.next();
    expect(await peer.next()).toMatchObject({ id: 1, method: "rows" });
    peer.sendText(line('"method":"$/stream/items","params":{"id":1,"items":["a"]}'));
    peer.sendText(line(`"method":"$/stream/items","params":{"id":1,"items":[1,${BIG}]}`));
    expect(await first).toEqual({ done: false, value: "a" });
    const error = await rejectionOf(stream.next());
    expect(error).toMatchObject({ code: "DECODE_FAILED", method: "rows" });
    expect(String(error)).toContain("params.items[1]");
    let said = (await peer.next()) as { readonly method: string };
    // The first items were small, so more are asked for.
    while (said.method === "$/stream/pull") said = (await peer.next()) as { readonly method: string };
    expect(said).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
    expect(errors).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 0 });
  });

  test("fail the inputs of a handler, which must not work on the rest", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("sum", async (_params, { input }: RequestContext) => {
      let sum = 0;
      for await (const item of input) sum += item as number;
      return sum;
    });
    peer.sendText(line('"method":"$/input/open","params":{"id":1}') + line('"id":1,"method":"sum"'));
    expect(await peer.next()).toMatchObject({ method: "$/input/pull" });
    peer.sendText(line(`"method":"$/input/items","params":{"id":1,"items":[1,${BIG}]}`));
    peer.sendText(line('"method":"$/input/end","params":{"id":1}'));
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(peer.lines.at(-1)).toContain("params.items[1]");
  });

  test("of no stream that is read here are reported", async () => {
    const { peer, errors } = openWithPeer();
    for (const id of ["9", '"x"', "{}", "null", BIG]) {
      peer.sendText(line(`"method":"$/stream/items","params":{"id":${id},"items":[${BIG}]}`));
      peer.sendText(line(`"method":"$/input/items","params":{"id":${id},"items":[${BIG}]}`));
    }
    peer.sendText(line(`"method":"$/input/items","params":[${BIG}]`));
    await peer.roundTrip();
    expect(errors).toHaveLength(11);
    for (const error of errors) expect(error).toMatchObject({ code: "DECODE_FAILED" });
  });
});

test("with bigIntegers: bigint they arrive as bigint, everywhere", async () => {
  const { channel, peer, errors } = openWithPeer({ codec: new JsonCodec({ bigIntegers: "bigint" }) });
  const seen: unknown[] = [];
  channel.onRequest("echo", (params: unknown) => void seen.push(params));
  const request = channel.request("sum");
  await peer.next();
  peer.sendText(line(`"id":1,"result":[${BIG}]`) + line(`"id":9,"method":"echo","params":[${BIG}]`));
  expect(await request).toEqual([2n ** 53n + 1n]);
  await peer.next();
  expect(seen).toEqual([[2n ** 53n + 1n]]);
  expect(errors).toEqual([]);
});

test("a print that is JSON and holds such a number is a print", async () => {
  const { peer, errors, noise } = openWithPeer();
  peer.sendText(`${BIG}\n{"progress":1e400}\n[${BIG}]\n`);
  await peer.roundTrip();
  expect(noise).toEqual([BIG, '{"progress":1e400}', `[${BIG}]`]);
  expect(errors).toEqual([]);
});
