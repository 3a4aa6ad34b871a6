// Faults that are the worker's end.

import { writeSync } from "node:fs";
import { answer, frameOf, liveOn, state } from "./wire.mjs";

/** @type {Record<string, import("./wire.mjs").Fault>} */
export const endings = {
  "exit-at-once": {
    what: "says on stderr that it can't work, and exits before it reads anything; started again, it does so again",
    when: "start",
    usual: { code: 9 },
    act: (_, { code }) => {
      writeSync(2, "I can't work like this\n");
      process.exit(code);
    },
  },
  exit: {
    what: "exits instead of answering",
    when: "request",
    usual: { code: 3 },
    act: (_, { code }) => process.exit(code),
  },
  kill: {
    what: "is ended by a signal instead of answering",
    when: "request",
    usual: { signal: "SIGKILL" },
    act: (_, { signal }) => void process.kill(process.pid, signal),
  },
  crash: {
    what: "throws what nobody catches",
    when: "request",
    act: () => {
      throw new Error("nobody catches this");
    },
  },
  "reject-unheard": {
    what: "rejects a promise that nobody waits for",
    when: "request",
    act: () => void Promise.reject(new Error("nobody hears this")),
  },
  overflow: {
    what: "calls itself until its stack is full",
    when: "request",
    act: () => void recurse(1),
  },
  "reply-then-exit": {
    what: "answers, and exits as soon as the pipe has the answer",
    when: "request",
    usual: { code: 4 },
    // What the pipe does not take at once would be lost with the process, and no parent could help it.
    act: ({ id, result }, { value, code }) => {
      process.stdout.write(frameOf({ id, result: value ?? result }), () => process.exit(code));
    },
  },
  "half-then-exit": {
    what: "exits in the middle of a frame",
    when: "request",
    act: ({ id }) => {
      const frame = frameOf({ id: id ?? 1, result: "half of this is missing" });
      process.stdout.write(frame.subarray(0, Math.floor(frame.length / 2)), () => process.exit(0));
    },
  },
  stubborn: {
    what: "ignores SIGTERM",
    when: "start",
    act: () => {
      process.on("SIGTERM", () => undefined);
      liveOn();
    },
  },
  deaf: {
    what: "ignores a farewell and the end of its stdin",
    when: "start",
    act: () => {
      state.isDeaf = true;
      liveOn();
    },
  },
  "close-then-exit": {
    what: "closes its stdout, and exits a moment later",
    when: "request",
    usual: { ms: 100, code: 6 },
    act: ({ id, result }, { ms, code }) => {
      answer(id, result ?? "closing");
      process.stdout.destroy();
      setTimeout(() => process.exit(code), ms);
    },
  },
};

/** @param {number} depth @returns {number} */
function recurse(depth) {
  return recurse(depth + 1) + 1;
}
