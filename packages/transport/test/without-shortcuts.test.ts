/** Tests that hold whether the shortcuts are there or not, once more without them: only speed may depend on those. */
import { expect, test, vi } from "vitest";
import { readLongString, stringifySmall } from "../src/codec/fast/index.js";
import { readPlainAnswer } from "../src/protocol/fast/index.js";
import "./channel/altered-numbers.test.js";
import "./channel/bad-input.test.js";
import "./channel/batches.test.js";
import "./channel/ids.test.js";
import "./channel/requests.test.js";
import "./channel/unreadable-answers.test.js";
import "./codec/json.test.js";
import "./codec/json-numbers.test.js";
import "./protocol/json-rpc.test.js";

vi.mock("../src/codec/fast/index.js", () => ({
  readLongString: () => undefined,
  stringifyLongStrings: () => undefined,
  stringifySmall: () => undefined,
}));
vi.mock("../src/protocol/fast/index.js", () => ({ readPlainAnswer: () => undefined }));

test("the shortcuts are out of the way", () => {
  const bytes = new TextEncoder().encode(`"${"x".repeat(100_000)}"`);
  expect(readLongString(bytes, 0, bytes.length, () => "read")).toBeUndefined();
  expect(stringifySmall({ a: 1 })).toBeUndefined();
  const answer = new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"result":2}');
  expect(readPlainAnswer({ decodeInside: () => 1 }, answer, 0, answer.length)).toBeUndefined();
});
