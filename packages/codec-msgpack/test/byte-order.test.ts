import { expect, it, vi } from "vitest";

it("a big-endian machine refuses typed arrays instead of turning their numbers round", async () => {
  vi.resetModules();
  vi.doMock("../src/byte-order.js", () => ({ isLittleEndian: false }));
  const { MessagePackCodec } = await import("../src/index.js");
  const codec = new MessagePackCodec();
  expect(() => codec.encode([Float64Array.of(1)])).toThrow(
    "[0]: a Float64Array can't be sent from a big-endian machine",
  );
  expect(() => codec.decode(Uint8Array.of(0xd5, 20, 1, 0), 0, 4)).toThrow("big-endian");
  expect(codec.encode([Uint8Array.of(1)])).toEqual(Uint8Array.of(0x91, 0xc4, 1, 1));
  vi.doUnmock("../src/byte-order.js");
  vi.resetModules();
});
