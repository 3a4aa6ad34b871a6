import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonCodec } from "../../src/codec/json.js";
import { readPlainAnswer } from "../../src/protocol/fast/json-answer.js";
import { parseMessage } from "../../src/protocol/json-rpc-message.js";
import { utf8 } from "../support/frames.js";

const codec = new JsonCodec({ maxDepth: 4 });

function read(text: string): unknown {
  const bytes = utf8(text);
  return readPlainAnswer(codec, bytes, 0, bytes.length);
}

describe("an answer in the common shape", () => {
  test.each([
    ["0", 0],
    ["7", 7],
    ["-7", -7],
    ["999999999999999", 999_999_999_999_999],
    ["9007199254740994", 9_007_199_254_740_994],
    ["1.5", 1.5],
    ["-0", -0],
    ["1e3", 1000],
    [" 1 ", 1],
    ["null", null],
    ["true", true],
    ['"é\\n"', "é\n"],
    ['{"a":[1,{"b":2}]}', { a: [1, { b: 2 }] }],
  ])("has the result %s", (text, result) => {
    expect(read(`{"jsonrpc":"2.0","id":12,"result":${text}}`)).toStrictEqual({ kind: "response", id: 12, result });
  });

  test.each([
    ["an id with a leading zero", '{"jsonrpc":"2.0","id":01,"result":1}'],
    ["a result with a leading zero", '{"jsonrpc":"2.0","id":1,"result":01}'],
    ["a lone minus", '{"jsonrpc":"2.0","id":1,"result":-}'],
    ["no result", '{"jsonrpc":"2.0","id":1,"result":}'],
    ["a member behind the result", '{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}'],
    ["a second id", '{"jsonrpc":"2.0","id":1,"result":{},"id":2}'],
    ["another version", '{"jsonrpc":"1.0","id":1,"result":1}'],
    ["another order", '{"id":1,"jsonrpc":"2.0","result":1}'],
    ["a string as id", '{"jsonrpc":"2.0","id":"1","result":1}'],
    ["an id that is no integer", '{"jsonrpc":"2.0","id":1.5,"result":1}'],
    ["an id of sixteen digits", '{"jsonrpc":"2.0","id":1000000000000000,"result":1}'],
    ["no end", '{"jsonrpc":"2.0","id":1,"result":1'],
    ["a result that would be altered", '{"jsonrpc":"2.0","id":1,"result":[9007199254740993]}'],
    ["too deep a result", '{"jsonrpc":"2.0","id":1,"result":[[[[]]]]}'],
    ["nothing", ""],
  ])("is left to the general way with %s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test("whose result is nested as deep as may be is read", () => {
    expect(read('{"jsonrpc":"2.0","id":1,"result":[[[1]]]}')).toMatchObject({ result: [[[1]]] });
  });

  test("is read as a parser of the whole message reads it, whatever happens to its text", () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 5 }), fc.integer(), fc.double());
    const added = fc.constantFrom(
      "0",
      "1",
      "9",
      "-",
      "+",
      ".",
      "e",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      " ",
      "\n",
      "",
    );
    const edit = fc.record({ at: fc.nat(80), drop: fc.nat(3), add: added });
    const answer = fc.tuple(fc.integer({ min: -3, max: 10 ** 15 }), value, fc.array(edit, { maxLength: 2 }));
    let plain = 0;
    const property = fc.property(answer, ([id, result, edits]) => {
      let text = `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`;
      for (const { at, drop, add } of edits) text = text.slice(0, at) + add + text.slice(at + drop);
      const message = read(text);
      if (message === undefined) return;
      plain += 1;
      expect(message).toStrictEqual(parseMessage(codec.parse(text)));
    });
    fc.assert(property, { numRuns: 5000 });
    expect(plain).toBeGreaterThan(500);
  });
});
