import { describe, expect, test } from "vitest";
import { assertFrame, problemOfFrame } from "./wire-schema.js";

describe("the checker of frames", () => {
  test.each([
    { jsonrpc: "2.0", id: 1, method: "m" },
    { jsonrpc: "2.0", id: "", method: "m", params: [] },
    { jsonrpc: "2.0", id: null, method: "m", params: {} },
    { jsonrpc: "2.0", method: "m" },
    { jsonrpc: "2.0", id: 0, result: null },
    { jsonrpc: "2.0", id: 1n, result: [1] },
    { jsonrpc: "2.0", id: null, error: { code: -32700, message: "" } },
    { jsonrpc: "2.0", id: 1, error: { code: 1, message: "m", data: null } },
    [{ jsonrpc: "2.0", method: "m" }],
  ])("accepts %o", (frame) => {
    expect(problemOfFrame(frame)).toBeUndefined();
  });

  test.each([
    7,
    null,
    "text",
    [],
    {},
    [7],
    [[]],
    { jsonrpc: "1.0", id: 1, method: "m" },
    { id: 1, method: "m" },
    { jsonrpc: "2.0", id: 1, method: 7 },
    { jsonrpc: "2.0", id: 1 },
    { jsonrpc: "2.0", id: {}, method: "m" },
    { jsonrpc: "2.0", id: undefined, method: "m" },
    { jsonrpc: "2.0", id: 1, method: "m", params: null },
    { jsonrpc: "2.0", id: 1, method: "m", params: 7 },
    { jsonrpc: "2.0", id: 1, method: "m", extra: 1 },
    { jsonrpc: "2.0", result: 1 },
    { jsonrpc: "2.0", id: true, result: 1 },
    { jsonrpc: "2.0", id: 1, result: undefined },
    { jsonrpc: "2.0", id: 1, result: 1, error: { code: 1, message: "m" } },
    { jsonrpc: "2.0", id: 1, result: 1, method: "m" },
    { jsonrpc: "2.0", id: 1, error: null },
    { jsonrpc: "2.0", id: 1, error: { code: 1.5, message: "m" } },
    { jsonrpc: "2.0", id: 1, error: { code: 1 } },
    { jsonrpc: "2.0", id: 1, error: { code: 1, message: "m", stack: "" } },
    [
      { jsonrpc: "2.0", id: 1, result: 1 },
      { jsonrpc: "2.0", method: "m" },
    ],
  ])("refuses %o", (frame) => {
    expect(() => {
      assertFrame(frame);
    }).toThrow("not JSON-RPC 2.0");
  });
});
