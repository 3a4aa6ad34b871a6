import {
  ContentLengthFraming,
  LengthPrefixedFraming,
  LineDelimitedFraming,
  RpcError,
  type Channel,
} from "@procwire/transport";
import { beforeEach, describe, expect, test } from "vitest";
import { startRust } from "../support/rust-worker.js";
import { rejectionOf } from "../support/wait-for.js";

const framings = [
  { option: "line", framing: new LineDelimitedFraming() },
  { option: "length", framing: new LengthPrefixedFraming() },
  { option: "content-length", framing: new ContentLengthFraming() },
];

/** F(n), by definition. */
function fibonacci(n: number): bigint {
  let [a, b] = [0n, 1n];
  for (let at = 0; at < n; at++) [a, b] = [b, a + b];
  return a;
}

describe.each(framings)("over $option framing", ({ option, framing }) => {
  let channel: Channel;
  beforeEach(async () => {
    channel = await startRust({ args: ["--framing", option, "--quiet"], framing });
  });

  test("every method answers exactly, up to the edges of its numbers", async () => {
    const cases: readonly (readonly [string, object, unknown])[] = [
      ["add", { a: 42, b: 58 }, 100],
      ["add", [42, 58], 100],
      ["add", { a: 0.1, b: 0.2 }, 0.1 + 0.2],
      ["add", { a: 9007199254740991, b: 0 }, 9007199254740991],
      ["add", { a: 9007199254740991, b: 1 }, "9007199254740992"],
      ["add", { a: "9223372036854775807", b: 1 }, "9223372036854775808"],
      ["multiply", { a: 12, b: 34 }, 408],
      ["multiply", { a: -9007199254740991, b: 9007199254740991 }, String(-(9007199254740991n ** 2n))],
      ["fibonacci", { n: 0 }, 0],
      ["fibonacci", { n: 40 }, 102334155],
      ["fibonacci", { n: 78 }, 8944394323791464],
      ["fibonacci", { n: 79 }, "14472334024676221"],
      ["fibonacci", { n: 93 }, "12200160415121876738"],
      ["fibonacci", { n: 94 }, "19740274219868223167"],
      ["fibonacci", { n: 1000 }, String(fibonacci(1000))],
      ["fibonacci_recursive", { n: 20 }, 6765],
      ["is_prime", { n: 17 }, true],
      ["is_prime", { n: 1000000007 }, true],
      ["is_prime", { n: 1 }, false],
      ["is_prime", { n: -7 }, false],
      ["is_prime", { n: "18446744073709551557" }, true],
      ["is_prime", { n: "18446744073709551556" }, false],
      ["sum_array", { numbers: [] }, 0],
      ["sum_array", { numbers: Array.from({ length: 1000 }, (_, at) => at + 1) }, 500500],
      ["sum_array", { numbers: [9007199254740991, 9007199254740991] }, "18014398509481982"],
      ["sum_array", { numbers: Array<number>(10).fill(0.1) }, 1],
      ["sum_array", { numbers: [1e308, 1e308, -1e308, -1e308, 0.5] }, 0.5],
    ];
    const results = await Promise.all(cases.map(([method, params]) => channel.request<unknown>(method, params)));
    for (const [at, [method, params, expected]] of cases.entries()) {
      expect(results[at], `${method} ${JSON.stringify(params).slice(0, 100)}`).toEqual(expected);
    }
  });

  test("echo gives back any JSON value", async () => {
    const texts = ["", "Hello from Node.js!", 'ž漢😀\u2028\u0000\u001f"\\', "\ud800"];
    const numbers = [0, -1, 1.5, 1e21, 5e-324, 1.7976931348623157e308, 9007199254740991, 0.1];
    const rest = [null, true, false, [], {}, [[[]]], { a: { b: [1, null, { "": [] }] }, __proto__x: 1 }];
    for (const message of [...texts, ...numbers, ...rest]) {
      expect(await channel.request<unknown>("echo", { message })).toEqual(message);
    }
    expect(await channel.request<unknown>("echo", ["by position"])).toBe("by position");
  });

  test("bad parameters are refused by name, and the worker goes on", async () => {
    const cases: readonly (readonly [string, object | undefined, RegExp])[] = [
      ["add", { a: 1 }, /\bb\b/],
      ["add", { b: 1 }, /\ba\b/],
      ["add", {}, /\ba\b/],
      ["add", undefined, /./],
      ["add", { a: 1, b: null }, /./],
      ["add", { a: 1, b: "x" }, /./],
      ["multiply", { a: 1e308, b: 1e308 }, /./],
      ["fibonacci", {}, /\bn\b/],
      ["fibonacci", { n: -1 }, /\bn\b/],
      ["fibonacci", { n: 1.5 }, /\bn\b/],
      ["fibonacci", { n: 1e15 }, /\bn\b/],
      ["is_prime", { n: "18446744073709551616" }, /\bn\b/],
      ["sum_array", { numbers: "1" }, /./],
      ["sum_array", { numbers: [1, null] }, /./],
      ["echo", {}, /message/],
    ];
    for (const [method, params, message] of cases) {
      const error = await rejectionOf(channel.request(method, params));
      expect(error, `${method} ${JSON.stringify(params)}`).toBeInstanceOf(RpcError);
      expect(error).toMatchObject({ code: -32602, method });
      expect((error as Error).message).toMatch(message);
    }
    expect(await channel.request<number>("add", { a: 1, b: 1 })).toBe(2);
  });

  test.each(["nothing", "", "__proto__", "shutdown2"])("an unknown method is refused: %j", async (method) => {
    const error = await rejectionOf(channel.request(method));
    expect(error).toMatchObject({ code: -32601, message: `Method not found: ${method}` });
  });

  test("20 echoes of 1 MiB in a row, and one of 32 MiB, arrive equal", async () => {
    const mebibyte = "0123456789abcdef".repeat(65_536);
    for (let round = 0; round < 20; round++) {
      expect((await channel.request<string>("echo", { message: mebibyte })) === mebibyte).toBe(true);
    }
    const large = mebibyte.repeat(32);
    expect((await channel.request<string>("echo", { message: large })) === large).toBe(true);
  });

  test("a message of 64 MiB and one byte is refused before it is sent, and the next call works", async () => {
    const overhead = '{"jsonrpc":"2.0","id":1,"method":"echo","params":{"message":""}}'.length;
    const message = "x".repeat(64 * 1024 * 1024 - overhead + 1);
    const refused = { code: "MESSAGE_TOO_LARGE", method: "echo", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("echo", { message }))).toMatchObject(refused);
    expect(await channel.request<number>("add", { a: 1, b: 1 })).toBe(2);
  });

  test("a thousand overlapping calls are each answered by their own result", async () => {
    const calls = Array.from({ length: 1000 }, (_, n) => channel.request<number>("add", { a: n, b: n }));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 1000 }, (_, n) => 2 * n));
  });
});
