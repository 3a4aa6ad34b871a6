import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createStdioChannel, LengthPrefixedFraming, type Channel } from "@procwire/transport";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MessagePackCodec } from "../src/index.js";

const suffix = process.platform === "win32" ? ".exe" : "";
const worker = fileURLToPath(import.meta.resolve(`../../../rust-worker/target/release/rust-worker${suffix}`));

const isMissing = !existsSync(worker);
const why = isMissing ? " (skipped, because it is not built: npm run build)" : "";

describe.skipIf(isMissing)(`the Rust worker in MessagePack${why}`, () => {
  let channel: Channel;

  beforeAll(async () => {
    channel = await createStdioChannel(worker, {
      args: ["--framing", "length", "--codec", "msgpack", "--quiet"],
      framing: new LengthPrefixedFraming(),
      codec: new MessagePackCodec(),
    });
  });
  afterAll(() => channel.close());

  it("adds", async () => {
    expect(await channel.request("add", { a: 2, b: 3 })).toBe(5);
    expect(await channel.request("add", { a: 0.5, b: 0.25 })).toBe(0.75);
    expect(await channel.request("add", [-7, 3])).toBe(-4);
  });

  it("takes numbers above 2^32 as integers", async () => {
    expect(await channel.request("add", { a: 2 ** 40, b: 1 })).toBe(2 ** 40 + 1);
    expect(await channel.request("add", { a: -(2 ** 40), b: -1 })).toBe(-(2 ** 40) - 1);
    expect(await channel.request("add", { a: Number.MAX_SAFE_INTEGER, b: 0 })).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("answers with 64-bit integers to the last digit", async () => {
    expect(await channel.request("fibonacci", { n: 78 })).toBe(8944394323791464);
    expect(await channel.request("fibonacci", { n: 93 })).toBe(12200160415121876738n);
    expect(await channel.request("add", { a: 2n ** 62n, b: 2n ** 62n })).toBe(2n ** 63n);
    expect(await channel.request("add", { a: -(2n ** 62n), b: -(2n ** 62n) })).toBe(-(2n ** 63n));
  });

  it("sums a Float64Array", async () => {
    expect(await channel.request("sum_array", { numbers: Float64Array.of(0.5, 1.25, -3) })).toBe(-1.25);
    const numbers = Float64Array.from({ length: 100_000 }, (_, index) => index);
    expect(await channel.request("sum_array", { numbers })).toBe(4_999_950_000);
    expect(await channel.request("sum_array", { numbers: new Float64Array(0) })).toBe(0);
  });

  it("sums a plain array of integers and floats", async () => {
    expect(await channel.request("sum_array", { numbers: [1, 2.5, 3] })).toBe(6.5);
  });

  it.each([0, 1, 255, 256, 65_536, 1024 * 1024])("echoes %d bytes", async (size) => {
    const message = new Uint8Array(size).fill(10);
    const echoed = await channel.request<Uint8Array>("echo", { message });
    expect(echoed).toBeInstanceOf(Uint8Array);
    expect(Buffer.compare(echoed, message)).toBe(0);
  });

  it.each([
    ["a text", "grüße 😀\n"],
    ["a nested value", { a: [1, null, { b: true }], "": 0.1 }],
    ["minus zero", -0],
    ["a 64-bit integer", 2n ** 64n - 1n],
    ["a date", new Date("2024-02-29T12:34:56.789Z")],
    ["a Float64Array", Float64Array.of(0.1, -0)],
    ["a BigInt64Array", BigInt64Array.of(-1n)],
  ])("echoes %s", async (_name, message) => {
    expect(await channel.request("echo", { message })).toEqual(message);
  });

  it("answers a wrong parameter and an unknown method with an error", async () => {
    await expect(channel.request("add", { a: 1 })).rejects.toMatchObject({ code: -32602 });
    await expect(channel.request("no_such_method")).rejects.toMatchObject({ code: -32601 });
  });
});
