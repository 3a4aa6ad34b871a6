import { expect, test } from "vitest";
import { writeBytesHeader, writeExtensionHeader } from "../src/headers.js";
import { Output } from "../src/output.js";

test("a binary value that no header can tell the length of is refused", () => {
  const out = new Output();
  expect(() => writeBytesHeader(out, 2 ** 32)).toThrow("send it in parts");
  expect(() => writeExtensionHeader(out, 2 ** 32, 24)).toThrow("send it in parts");
  writeBytesHeader(out, 2 ** 32 - 1);
  expect(out.bytes.slice(0, out.at)).toEqual(Uint8Array.of(0xc6, 255, 255, 255, 255));
});
