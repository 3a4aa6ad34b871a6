import { deepStrictEqual } from "node:assert";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  ChannelError,
  ContentLengthFraming,
  createChannel,
  createMemoryByteLinks,
  createStdioChannel,
  LengthPrefixedFraming,
  RpcError,
  type Channel,
  type CreateChannelOptions,
} from "@procwire/transport";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MessagePackCodec, MessagePackError } from "../src/index.js";
import { typescript } from "../../../test/support/paths.js";
import { encode } from "./hex.js";

const MIB = 1024 * 1024;

describe("a Node worker that speaks MessagePack", () => {
  let channel: Channel;

  beforeAll(async () => {
    channel = await createStdioChannel(process.execPath, {
      args: typescript(fileURLToPath(import.meta.resolve("./fixtures/worker.ts"))),
      framing: new LengthPrefixedFraming(),
      codec: new MessagePackCodec(),
    });
  });
  afterAll(() => channel.close());

  it("gets and gives back bytes, number arrays, 64-bit integers and dates unchanged", async () => {
    const values = {
      bytes: Uint8Array.of(0, 10, 13, 255),
      numbers: Float64Array.of(0.1, -0, NaN, Infinity),
      counts: BigUint64Array.of(2n ** 64n - 1n),
      big: 2n ** 63n,
      date: new Date("2024-02-29T12:34:56.789Z"),
      zero: -0,
      text: "line\nline\u2028😀",
    };
    deepStrictEqual(await channel.request("echo", values), values);
    expect(await channel.request("classes", values)).toEqual([
      "Uint8Array",
      "Float64Array",
      "BigUint64Array",
      "BigInt",
      "Date",
      "Number",
      "String",
    ]);
    expect(await channel.request("sum", { numbers: Float64Array.of(1.5, 2.5, -1) })).toBe(3);
  });

  it.each([
    ["1 MiB", MIB],
    ["almost 64 MiB", 64 * MIB - 100],
  ])("gets and gives back %s of bytes", async (_name, size) => {
    const data = new Uint8Array(size);
    for (let at = 0; at < size; at += 4093) data[at] = at;
    const answer = await channel.request<{ data: Uint8Array }>("echo", { data });
    expect(Buffer.compare(answer.data, data)).toBe(0);
  });

  it("answers many requests at once", async () => {
    const answers = Array.from({ length: 2000 }, (_, index) => channel.request<[number]>("echo", [index]));
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 2000 }, (_, index) => [index]));
  });

  it("answers with an error that carries bytes", async () => {
    const failure: unknown = await channel.request("fail").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RpcError);
    expect(failure).toMatchObject({ code: 4711, message: "on purpose", data: { bytes: Uint8Array.of(1, 2, 3) } });
  });

  it("answers with an error when its result can't be sent", async () => {
    const failure: unknown = await channel.request("unsendable").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RpcError);
    expect(failure).toMatchObject({ code: -32603 });
  });

  it("is not bothered with params that can't be sent", async () => {
    const failure: unknown = await channel.request("echo", { tags: new Set([1]) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ChannelError);
    expect(failure).toMatchObject({ code: "ENCODE_FAILED" });
    expect((failure as ChannelError).cause).toBeInstanceOf(MessagePackError);
    expect((failure as ChannelError).message).toContain("params.tags: an instance of Set");
    expect(await channel.request("echo", [1])).toEqual([1]);
  });
});

describe("the framing of a MessagePack channel", () => {
  it("can't be lines: that is refused before anything is started", async () => {
    const failure = await createStdioChannel("no-such-program", { codec: new MessagePackCodec() }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ChannelError);
    expect(failure).toMatchObject({ code: "ENCODE_FAILED" });
    expect((failure as ChannelError).message).toContain("LengthPrefixedFraming");
  });

  it("can be Content-Length headers", async () => {
    const [near, far] = createMemoryByteLinks();
    const stack = { framing: new ContentLengthFraming(), codec: new MessagePackCodec() };
    const server = createChannel({ ...stack, codec: new MessagePackCodec(), link: far });
    server.onRequest("echo", (params: unknown) => params);
    const client = createChannel({ ...stack, link: near });
    const params = { bytes: Uint8Array.of(13, 10, 13, 10), numbers: Float64Array.of(1) };
    deepStrictEqual(await client.request("echo", params), params);
    await client.close();
    await server.close();
  });
});

describe("a frame that is no MessagePack", () => {
  const open = (
    options: Partial<CreateChannelOptions>,
  ): { readonly input: PassThrough; readonly output: PassThrough; readonly channel: Channel } => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const stack = { framing: new LengthPrefixedFraming(), codec: new MessagePackCodec() };
    return { input, output, channel: createChannel({ ...stack, readable: input, writable: output, ...options }) };
  };
  const brokenFrame = Uint8Array.of(0, 0, 0, 2, 0xa1, 0xff);

  it("is reported, and the channel lives", async () => {
    const errors: unknown[] = [];
    const { input, channel } = open({ onError: (error) => errors.push(error) });
    const heard = new Promise((resolve) => channel.onNotification("log", resolve));
    const log = encode({ jsonrpc: "2.0", method: "log", params: [1] });
    input.write(Buffer.concat([brokenFrame, Uint8Array.of(0, 0, 0, log.length), log]));
    expect(await heard).toEqual([1]);
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED", cause: { name: "MessagePackError" } }]);
    await channel.close();
  });

  it("is answered by the side that answers requests", async () => {
    const { input, output, channel } = open({ answersUnreadable: true, onError: () => undefined });
    const answered = once(output, "data") as Promise<[Buffer]>;
    input.write(brokenFrame);
    const [answer] = await answered;
    expect(new MessagePackCodec().decode(answer, 4, answer.length)).toMatchObject({
      id: null,
      error: { code: -32700 },
    });
    await channel.close();
  });
});
