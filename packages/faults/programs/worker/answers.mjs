// Faults in what is answered, and to what.

import { answer, frameOf, say, sayRaw, state } from "./wire.mjs";

const HEAD = '{"jsonrpc":"2.0","id":';

/** An answer whose result is this JSON. @param {import("./wire.mjs").Id} id @param {string} json */
function answerJson(id, json) {
  sayRaw(`${HEAD}${JSON.stringify(id)},"result":${json}}`);
}

/** @type {Record<string, import("./wire.mjs").Fault>} */
export const answers = {
  "reply-twice": {
    what: "answers twice",
    when: "request",
    act: ({ id, result }) => {
      answer(id, result ?? "first");
      answer(id, result ?? "second");
    },
  },
  "answer-unknown": {
    what: "answers what nobody asked, and then the request",
    when: "request",
    act: ({ id, result }) => {
      answer(123456, "unknown");
      answer(id, result ?? "known");
    },
  },
  forge: {
    what: "answers another request than its own, by default the next one, and then its own",
    when: "request",
    usual: { forgedId: "" },
    act: ({ id, result }, { forgedId }) => {
      const next = typeof id === "number" ? id + 1 : "2";
      say({ id: forgedId === "" ? next : forgedId, result: result ?? "forged" });
      answer(id, result ?? "honest");
    },
  },
  "id-of-other-type": {
    what: "answers with a string for an id that is a number, or the other way round",
    when: "request",
    act: ({ id, result }) => answer(typeof id === "number" ? String(id) : Number(id), result ?? "whose?"),
  },
  complain: {
    what: "says that a message could not be parsed (an error with the id null), and then answers",
    when: "request",
    act: ({ id, result }) => {
      say({ id: null, error: { code: -32700, message: "Parse error" } });
      answer(id, result ?? "still here");
    },
  },
  "only-complain": {
    what: "answers with an error whose id is null, and nothing else",
    when: "request",
    act: () => say({ id: null, error: { code: -32700, message: "Parse error" } }),
  },
  "both-members": {
    what: "answers with a result and an error in one message",
    when: "request",
    act: ({ id, result }) => say({ id, result: result ?? "both", error: { code: -32000, message: "both" } }),
  },
  "neither-member": {
    what: "answers with neither result nor error",
    when: "request",
    act: ({ id }) => say({ id }),
  },
  "error-is-text": {
    what: "answers with an error that is a string",
    when: "request",
    act: ({ id }) => say({ id, error: "it failed" }),
  },
  "in-a-batch": {
    what: "answers in an array, as if it had been a batch",
    when: "request",
    act: ({ id, result }) => sayRaw(JSON.stringify([{ jsonrpc: "2.0", id, result: result ?? "in a batch" }])),
  },
  large: {
    what: "sends a large answer, of 80 MB by default",
    when: "request",
    usual: { bytes: 80_000_000 },
    act: ({ id }, { bytes }) => answer(id, "l".repeat(bytes)),
  },
  deep: {
    what: "answers with arrays in arrays, 100,000 by default",
    when: "request",
    usual: { depth: 100_000 },
    act: ({ id }, { depth }) => answerJson(id, "[".repeat(depth) + "]".repeat(depth)),
  },
  "many-values": {
    what: "answers with an array of 5 million zeros",
    when: "request",
    usual: { count: 5_000_000 },
    act: ({ id }, { count }) => answerJson(id, `[${"0,".repeat(count - 1)}0]`),
  },
  "prototype-key": {
    what: "answers with an object that has the key __proto__",
    when: "request",
    act: ({ id }) => answerJson(id, '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  },
  "flood-notifications": {
    what: "sends 200,000 notifications, and then answers",
    when: "request",
    usual: { count: 200_000 },
    act: ({ id, result }, { count }) => {
      const one = frameOf({ method: "$/flood", params: { text: "f".repeat(100) } });
      const block = Buffer.concat(Array.from({ length: 100 }, () => one));
      for (let sent = 0; sent < count; sent += 100) process.stdout.write(block);
      answer(id, result ?? "flooded");
    },
  },
  "flood-requests": {
    what: "makes 10,000 requests of its own, and then answers",
    when: "request",
    usual: { count: 10_000 },
    act: ({ id, result }, { count }) => {
      for (let made = 0; made < count; made++) say({ id: `own ${made}`, method: "whoAreYou" });
      answer(id, result ?? "asked");
    },
  },
  "lie-short": {
    what: "announces fewer bytes than its answer has",
    when: "request",
    framing: "content-length, length",
    act: ({ id, result }) => lie(frameOf({ id, result: result ?? "longer than announced" }), -10),
  },
  "lie-long": {
    what: "announces more bytes than its answer has",
    when: "request",
    framing: "content-length, length",
    act: ({ id, result }) => lie(frameOf({ id, result: result ?? "shorter than announced" }), 10),
  },
  "lie-huge": {
    what: "announces an answer of 4 GB",
    when: "request",
    framing: "content-length, length",
    act: ({ id, result }) => lie(frameOf({ id, result: result ?? "small" }), 0xffff_ff00),
  },
  "lie-negative": {
    what: "announces an answer of -5 bytes",
    when: "request",
    framing: "content-length",
    act: ({ id, result }) => {
      const payload = JSON.stringify({ jsonrpc: "2.0", id, result: result ?? "small" });
      process.stdout.write(`Content-Length: -5\r\n\r\n${payload}`);
    },
  },
};

/** The frame, with a length that is wrong by so many bytes. @param {Buffer} frame @param {number} by */
function lie(frame, by) {
  if (state.framing.name === "length") {
    const said = Math.min(frame.readUInt32BE(0) + by, 0xffff_ffff);
    frame.writeUInt32BE(said, 0);
    process.stdout.write(frame);
  } else {
    const text = frame.toString();
    process.stdout.write(text.replace(/\d+/, (length) => String(Number(length) + by)));
  }
}
