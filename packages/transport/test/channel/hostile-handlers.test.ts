import { describe, expect, test } from "vitest";
import { LengthPrefixedFraming, RpcError, type Codec } from "../../src/index.js";
import { openPair, rejectionOf } from "../support/channels.js";
import { describeHostileHandlers } from "../support/hostile-suite.js";

/** Knows only whole values, so that the protocol builds each message as a value. */
const values: Codec = {
  name: "values",
  binary: true,
  encode: (value) => new TextEncoder().encode(JSON.stringify(value, assertValue)),
  decode: (bytes, start, end) => JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as unknown,
};

function assertValue(_name: string, value: unknown): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw new TypeError(`no value: a ${typeof value}`);
  return value;
}

describeHostileHandlers("JSON", () => ({}));
describeHostileHandlers("a codec of whole values", () => ({ framing: new LengthPrefixedFraming(), codec: values }));

describe("an RpcError", () => {
  test.each([NaN, Infinity, 1.5, 1n, "1", undefined, null, 2 ** 53])("refuses the code %o", (code) => {
    expect(() => new RpcError(code as number, "m")).toThrow(TypeError);
  });

  test.each([undefined, null, 5, Symbol("m"), {}])("refuses the message %o", (message) => {
    expect(() => new RpcError(1, message as string)).toThrow(TypeError);
  });

  test("keeps its code where only the message is unusable", async () => {
    const { left, right } = openPair();
    right.onRequest("m", () => {
      throw Object.assign(new RpcError(7, "m"), { message: 5 });
    });
    expect(await rejectionOf(left.request("m"))).toMatchObject({ code: 7 });
  });
});
