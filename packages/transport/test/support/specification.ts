import { RpcError, type RequestHandler } from "../../src/index.js";

/** The methods that the examples of the JSON-RPC 2.0 specification call. */
export const specificationMethods: Readonly<Record<string, RequestHandler>> = {
  subtract: (params: [number, number] | { minuend: number; subtrahend: number }) =>
    Array.isArray(params) ? params[0] - params[1] : params.minuend - params.subtrahend,
  sum: (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0),
  get_data: () => ["hello", 5],
  update: () => undefined,
  fail: () => {
    throw new RpcError(1, "no");
  },
};

function refusal(code: number, id: unknown): object {
  // The specification fixes the code and the id; the text is a matter of taste.
  return { jsonrpc: "2.0", id, error: { code, message: anyText() } };
}

/** Equal to any text, for `toEqual`. */
function anyText(): unknown {
  return { asymmetricMatch: (value: unknown) => typeof value === "string" && value !== "" };
}

/** Section 7 of the specification: what it is about, the text that is sent, and the answer; `undefined` for none. */
export const SPECIFICATION_EXAMPLES: readonly (readonly [string, string, unknown])[] = [
  [
    "positional parameters",
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
    { jsonrpc: "2.0", result: 19, id: 1 },
  ],
  [
    "positional parameters the other way round",
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    { jsonrpc: "2.0", result: -19, id: 2 },
  ],
  [
    "named parameters",
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    { jsonrpc: "2.0", result: 19, id: 3 },
  ],
  [
    "named parameters in another order",
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    { jsonrpc: "2.0", result: 19, id: 4 },
  ],
  ["a notification", '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', undefined],
  ["a notification without params", '{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  ["an unknown method", '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', refusal(-32601, "1")],
  ["invalid JSON", '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', refusal(-32700, null)],
  ["an invalid request object", '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', refusal(-32600, null)],
  [
    "a batch of invalid JSON",
    '[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method" ]',
    refusal(-32700, null),
  ],
  ["an empty array", "[]", refusal(-32600, null)],
  ["an invalid batch that is not empty", "[1]", [refusal(-32600, null)]],
  ["an invalid batch", "[1,2,3]", [refusal(-32600, null), refusal(-32600, null), refusal(-32600, null)]],
  [
    "a mixed batch",
    '[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},' +
      ' {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},' +
      ' {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"}, {"foo": "boo"},' +
      ' {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},' +
      ' {"jsonrpc": "2.0", "method": "get_data", "id": "9"} ]',
    [
      { jsonrpc: "2.0", result: 7, id: "1" },
      { jsonrpc: "2.0", result: 19, id: "2" },
      refusal(-32600, null),
      refusal(-32601, "5"),
      { jsonrpc: "2.0", result: ["hello", 5], id: "9" },
    ],
  ],
  [
    "a batch of notifications",
    '[ {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},' +
      ' {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]} ]',
    undefined,
  ],
];
