import { expect, test } from "vitest";
import { takes } from "../../src/node/child/added-formats.js";

const emulator = [
  "enabled",
  "interpreter /usr/bin/qemu-arm",
  "flags: OCF",
  "offset 0",
  "magic 7f454c46010101000000000000000000020028",
  "mask ffffffffffffff00fffffffffffffffffeffff",
].join("\n");
const arm = Buffer.from("7f454c46010101ff0000000000000000030028000100", "hex");

test.each([
  ["a head under its mask", emulator, "/p", arm, true],
  ["another head", emulator, "/p", Buffer.from("touch something\n"), false],
  ["a head that is cut off", emulator, "/p", arm.subarray(0, 10), false],
  ["what it would take while it is disabled", emulator.replace("enabled", "disabled"), "/p", arm, false],
  ["an ending", "enabled\ninterpreter /usr/bin/java\nflags:\nextension .jar", "/p.jar", Buffer.from("PK"), true],
  ["another ending", "enabled\ninterpreter /usr/bin/java\nflags:\nextension .jar", "/p.sh", Buffer.from("x"), false],
  ["a head at an offset", "enabled\ninterpreter /i\nflags:\noffset 2\nmagic 6162", "/p", Buffer.from("xxab"), true],
  ["a description without either", "enabled\ninterpreter /i", "/p", Buffer.from("x"), false],
])("a format that was added to the system, and %s", (_, format, path, head, expected) => {
  expect(takes(format, path, head)).toBe(expected);
});
