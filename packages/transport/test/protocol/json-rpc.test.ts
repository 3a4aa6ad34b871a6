import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Codec } from "../../src/codec/contract.js";
import { JsonCodec } from "../../src/codec/json.js";
import type { Payload } from "../../src/framing/contract.js";
import { toBytes } from "../../src/framing/payload.js";
import type { Message, Wire } from "../../src/protocol/contract.js";
import { JsonRpcProtocol } from "../../src/protocol/json-rpc.js";
import { utf8 } from "../support/frames.js";

/** JSON without the text of its parts, so that the protocol has to build whole values. */
class OpaqueJsonCodec implements Codec {
  readonly name = "opaque-json";
  readonly binary = false;
  readonly #json = new JsonCodec();

  encode(value: unknown): Payload {
    return this.#json.encode(value);
  }

  decode(bytes: Uint8Array, start: number, end: number): unknown {
    return this.#json.decode(bytes, start, end);
  }
}

const protocol = new JsonRpcProtocol();
const wires: readonly { readonly name: string; readonly wire: Wire }[] = [
  { name: "text wire", wire: protocol.bind(new JsonCodec(), 100) },
  { name: "value wire", wire: protocol.bind(new OpaqueJsonCodec(), 100) },
];

function decode(wire: Wire, text: string): Message {
  const bytes = utf8(text);
  return wire.decode(bytes, 0, bytes.length);
}

function textOf(payload: Payload): string {
  return Buffer.from(toBytes(payload)).toString();
}

describe.each(wires)("$name: what arrives", ({ wire }) => {
  test.each([
    [
      '{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1}}',
      { kind: "request", id: 1, method: "add", params: { a: 1 } },
    ],
    [
      '{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}',
      { kind: "request", id: 1, method: "add", params: [1, 2] },
    ],
    ['{"jsonrpc":"2.0","id":"x","method":"add"}', { kind: "request", id: "x", method: "add", params: undefined }],
    ['{"jsonrpc":"2.0","id":0,"method":"add"}', { kind: "request", id: 0 }],
    ['{"jsonrpc":"2.0","id":"","method":"add"}', { kind: "request", id: "" }],
    ['{"jsonrpc":"2.0","id":null,"method":"add"}', { kind: "request", id: null }],
    ['{"jsonrpc":"2.0","id":1.5,"method":"add"}', { kind: "request", id: 1.5 }],
    ['{"jsonrpc":"2.0","id":1,"method":""}', { kind: "request", method: "" }],
    ['{"jsonrpc":"2.0","id":1,"method":"__proto__"}', { kind: "request", method: "__proto__" }],
    [
      '{"jsonrpc":"2.0","method":"log","params":{"message":"x"}}',
      { kind: "notification", method: "log", params: { message: "x" } },
    ],
    ['{"jsonrpc":"2.0","method":"log"}', { kind: "notification", method: "log", params: undefined }],
    ['{"method":"log","extra":1,"jsonrpc":"2.0"}', { kind: "notification", method: "log" }],
    ['{"jsonrpc":"2.0","id":1,"result":5}', { kind: "response", id: 1, result: 5 }],
    ['{"jsonrpc":"2.0","id":1,"result":null}', { kind: "response", id: 1, result: null }],
    ['{"jsonrpc":"2.0","id":1,"result":false}', { kind: "response", id: 1, result: false }],
    ['{"result":{"then":1},"id":"a","jsonrpc":"2.0"}', { kind: "response", id: "a", result: { then: 1 } }],
    [
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}',
      { kind: "error", id: 1, error: { code: -32601, message: "no" } },
    ],
    [
      '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"","data":[1]}}',
      { kind: "error", id: null, error: { data: [1] } },
    ],
  ])("%s is valid", (text, message) => expect(decode(wire, text)).toMatchObject(message));

  test.each([
    ["1", undefined, false],
    ["null", undefined, false],
    ['"x"', undefined, false],
    ["[]", undefined, false],
    ["{}", undefined, false],
    ['{"id":1,"method":"add"}', 1, false],
    ['{"jsonrpc":"1.0","id":1,"method":"add"}', 1, false],
    ['{"jsonrpc":2,"id":1,"method":"add"}', 1, false],
    ['{"jsonrpc":2.0,"id":"a","result":1}', "a", true],
    ['{"jsonrpc":"2.0","id":1,"method":1}', 1, false],
    ['{"jsonrpc":"2.0","id":1,"method":null}', 1, false],
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":1}', 1, false],
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":"x"}', 1, false],
    ['{"jsonrpc":"2.0","id":true,"method":"add"}', undefined, false],
    ['{"jsonrpc":"2.0","id":{},"method":"add"}', undefined, false],
    ['{"jsonrpc":"2.0","id":[1],"method":"add"}', undefined, false],
    ['{"jsonrpc":"2.0","id":1}', 1, "if awaited"],
    ['{"jsonrpc":"2.0","result":1}', undefined, true],
    ['{"jsonrpc":"2.0","id":[1],"result":1}', undefined, true],
    ['{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}', undefined, true],
    ['{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":"x"}}', 1, true],
    ['{"jsonrpc":"2.0","id":1,"error":"x"}', 1, true],
    ['{"jsonrpc":"2.0","id":1,"error":null}', 1, true],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"x"}}', 1, true],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"x"}}', 1, true],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":1}}', 1, true],
    ['{"jsonrpc":"2.0","id":1,"error":{"message":"x"}}', 1, true],
  ])("%s is invalid, whose it is is told, and whether it is an answer", (text, id, isAnswer) => {
    const message = decode(wire, text);
    expect(message).toMatchObject({ kind: "invalid", isAnswer });
    expect((message as { readonly id: unknown }).id).toBe(id);
    expect((message as { readonly reason: string }).reason).not.toBe("");
  });

  test("no JSON is an error", () => expect(() => decode(wire, "hello")).toThrow(SyntaxError));

  test("any JSON value is told apart without an exception", () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom("2.0", 1, null, "add", { code: 1, message: "x" }));
    const messageLike = fc.dictionary(fc.constantFrom("jsonrpc", "id", "method", "params", "result", "error"), field);
    const kinds = ["request", "notification", "response", "error", "batch", "invalid"];
    fc.assert(
      fc.property(fc.oneof(messageLike, fc.jsonValue()), (value) => {
        expect(kinds).toContain(decode(wire, JSON.stringify(value)).kind);
      }),
      { numRuns: 500 },
    );
  });
});

describe.each(wires)("$name: what is sent", ({ wire }) => {
  test.each([
    [() => wire.request(1, "add", { a: 1 }), '{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1}}'],
    [() => wire.request(2, "add", undefined), '{"jsonrpc":"2.0","id":2,"method":"add"}'],
    [() => wire.notification("log", [1]), '{"jsonrpc":"2.0","method":"log","params":[1]}'],
    [() => wire.notification("log", undefined), '{"jsonrpc":"2.0","method":"log"}'],
    [() => wire.result(1, undefined), '{"jsonrpc":"2.0","id":1,"result":null}'],
    [() => wire.result("a", null), '{"jsonrpc":"2.0","id":"a","result":null}'],
    [() => wire.result(null, 0), '{"jsonrpc":"2.0","id":null,"result":0}'],
    [() => wire.error(1, { code: 5, message: "x" }), '{"jsonrpc":"2.0","id":1,"error":{"code":5,"message":"x"}}'],
    [
      () => wire.error(1, { code: 5, message: "x", data: null }),
      '{"jsonrpc":"2.0","id":1,"error":{"code":5,"message":"x","data":null}}',
    ],
  ])("%#: members in the usual order", (make, text) => expect(textOf(make())).toBe(text));

  test.each([[1], ["x"], [null], [true], [() => 1], [Symbol("s")], [1n]])("params of %o are refused", (params) => {
    expect(() => wire.request(1, "add", params)).toThrow(TypeError);
    expect(() => wire.notification("add", params)).toThrow(TypeError);
  });
});

describe("the text wire and the value wire", () => {
  const [text, value] = wires.map(({ wire }) => wire) as [Wire, Wire];
  const anyMethod = fc.string({ unit: "binary" });
  const anyId = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary" }),
    fc.constant(null),
  );
  const anyParams = fc.oneof(
    fc.constant(undefined),
    fc.dictionary(fc.string(), fc.anything()),
    fc.array(fc.anything()),
  );

  function expectSame(make: (wire: Wire) => Payload): void {
    const outcome = (wire: Wire): string => {
      try {
        return textOf(make(wire));
      } catch (error) {
        return `throws a ${(error as Error).name}`;
      }
    };
    expect(outcome(text)).toBe(outcome(value));
  }

  test("write the same requests", () => {
    fc.assert(
      fc.property(fc.nat(), anyMethod, anyParams, (id, method, params) =>
        expectSame((wire) => wire.request(id, method, params)),
      ),
      { numRuns: 500 },
    );
  });

  test("write the same notifications", () => {
    fc.assert(
      fc.property(anyMethod, anyParams, (method, params) => expectSame((wire) => wire.notification(method, params))),
      { numRuns: 500 },
    );
  });

  test("write the same results", () => {
    fc.assert(
      fc.property(anyId, fc.anything(), (id, result) => expectSame((wire) => wire.result(id, result))),
      { numRuns: 500 },
    );
  });

  test("write the same errors", () => {
    fc.assert(
      fc.property(anyId, fc.integer(), fc.string(), fc.anything(), (id, code, message, data) =>
        expectSame((wire) => wire.error(id, { code, message, data })),
      ),
    );
  });

  test("agree on params that toJSON replaces by an object or an array", () => {
    for (const params of [{ toJSON: () => ({ a: 1 }) }, { toJSON: () => [1] }]) {
      expectSame((wire) => wire.request(1, "add", params));
    }
  });

  test("stay the same beyond as many methods as are remembered", () => {
    for (let at = 0; at < 1100; at++) expectSame((wire) => wire.notification(`method "${at}"`, undefined));
  });
});

describe("whose a message is, told from its first bytes", () => {
  const { wire } = wires[0]!;
  const peek = (text: string): unknown => wire.peek(utf8(text));

  test.each([
    ['{"jsonrpc":"2.0","id":7,"result":"aaaa', { id: 7, isAnswer: true }],
    ['{"jsonrpc":"2.0","id":0,"result":"aaaa', { id: 0, isAnswer: true }],
    ['{"jsonrpc":"2.0","id":"x y","error":{', { id: "x y", isAnswer: true }],
    ['{"jsonrpc":"2.0","id":"","result":1', { id: "", isAnswer: true }],
    ['{"jsonrpc":"2.0","id":7,"method":"add', { id: 7, isAnswer: false }],
    ['{"jsonrpc":"2.0","method":"log', { id: undefined, isAnswer: false }],
    [' { "jsonrpc" : "2.0" , "id" : 7 , "result" : [', { id: 7, isAnswer: true }],
    ['{"jsonrpc":"2.0","id":null,"error":{', { id: null, isAnswer: true }],
  ])("%s", (text, head) => expect(peek(text)).toEqual(head));

  test.each([
    ['{"result":"aaaa', "another order"],
    ['{"jsonrpc":"2.0","result":"aaaa', "an answer without id"],
    ['{"jsonrpc":"2.0","id":1.5,"result":"', "a fraction"],
    ['{"jsonrpc":"2.0","id":"\\u0061","result":"', "an escape in the id"],
    ['{"jsonrpc":"2.0","id":12', "cut inside the id"],
    ['{"jsonrpc":"2.0","id":7,"x":1,"result":', "a member in between"],
    ['"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":7,\\"result\\":', "a message in a string"],
    ["aaaaaaaaaaaaaa", "no JSON"],
    ["", "nothing"],
  ])("%s does not say (%s)", (text) => expect(peek(text)).toBeUndefined());
});
