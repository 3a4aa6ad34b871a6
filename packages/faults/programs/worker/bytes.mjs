// Faults in what is written beside the messages: to stdout and to stderr.

import { writeSync } from "node:fs";
import { answer } from "./wire.mjs";

const BLOCK = 64 * 1024;

/** @type {Record<string, import("./wire.mjs").Fault>} */
export const bytes = {
  banner: {
    what: "prints a banner of three lines on stdout when it starts",
    when: "start",
    act: () => void process.stdout.write("> worker@1.0.0 start\n> node worker.js\n\n"),
  },
  // Bytes that are no UTF-8, control characters, brackets without end: in lines, because an answer follows.
  garbage: {
    what: "writes garbage in lines of its own, and then answers",
    when: "request",
    act: ({ id, result }) => {
      process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x0a, 0xc3, 0x28, 0x0a]));
      process.stdout.write(`${"[".repeat(10_000)}\n{"jsonrpc":"2.0","id":\n`);
      answer(id, result ?? "after garbage");
    },
  },
  print: {
    what: "prints a text without a newline right before its answer",
    when: "request",
    usual: { text: "Loading 100 % " },
    act: ({ id, result }, { text }) => {
      process.stdout.write(text);
      answer(id, result ?? "printed");
    },
  },
  "print-json": {
    what: "prints lines that are JSON and no messages, and then answers",
    when: "request",
    act: ({ id, result }) => {
      process.stdout.write('{"level":"info","msg":"ready"}\n[1,2]\n"text"\nnull\n');
      answer(id, result ?? "printed");
    },
  },
  "invalid-utf8": {
    what: "answers with bytes that are no UTF-8 in a string",
    when: "request",
    framing: "line",
    act: ({ id }) => {
      const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"text":"`;
      process.stdout.write(Buffer.concat([Buffer.from(head), Buffer.of(0xff, 0xfe, 0xc3, 0x28), Buffer.from('"}}\n')]));
    },
  },
  endless: {
    what: "writes a line that does not end",
    when: "request",
    act: () => {
      const block = "e".repeat(BLOCK);
      const goOn = () => void process.stdout.write(block, goOn);
      goOn();
    },
  },
  warn: {
    what: "writes a line to stderr, and then answers",
    when: "request",
    usual: { text: "careful\n" },
    act: ({ id, result }, { text }) => {
      writeSync(2, text);
      answer(id, result ?? null);
    },
  },
  "flood-stderr": {
    what: "writes 50 MB to stderr without a newline, and then answers",
    when: "request",
    usual: { bytes: 50_000_000 },
    act: ({ id, result }, params) => {
      const block = Buffer.alloc(BLOCK, "e");
      for (let written = 0; written < params.bytes; written += block.length) process.stderr.write(block);
      answer(id, result ?? "flooded");
    },
  },
  lie: {
    what: "says these bytes, given in hex, to whatever it is asked first, and nothing else",
    when: "start",
    usual: { hex: "00000000" },
    act: (_, { hex }) => {
      process.stdin.removeAllListeners("data");
      process.stdin.once("data", () => void process.stdout.write(Buffer.from(hex, "hex")));
      process.stdin.on("end", () => process.exit(0));
      writeSync(2, "ready to lie\n");
    },
  },
};
