// Faults of a worker that lives and does not answer, or does not listen, or leaves something behind.

import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { answer, frameOf, liveOn, state } from "./wire.mjs";

/** @type {Record<string, import("./wire.mjs").Fault>} */
export const silences = {
  mute: {
    what: "answers nothing from its start on, a handshake neither",
    when: "start",
    act: () => {
      state.isMute = true;
    },
  },
  never: {
    what: "never answers",
    when: "request",
    act: () => undefined,
  },
  later: {
    what: "answers late",
    when: "request",
    usual: { ms: 2_000 },
    act: ({ id, result }, { value, ms }) => void setTimeout(answer, ms, id, value ?? result),
  },
  drip: {
    what: "sends its answer byte by byte",
    when: "request",
    usual: { ms: 1 },
    act: ({ id, result }, { value, ms }) => drip(frameOf({ id, result: value ?? result }), ms),
  },
  spin: {
    what: "computes for ever and hears nothing",
    when: "request",
    act: () => {
      for (;;);
    },
  },
  stop: {
    what: "stops itself (SIGSTOP)",
    when: "request",
    act: () => void process.kill(process.pid, "SIGSTOP"),
  },
  "stop-reading": {
    what: "answers, and never reads its stdin again",
    when: "request",
    act: ({ id, result }) => {
      answer(id, result ?? "stopped");
      process.stdin.pause();
      liveOn();
    },
  },
  "close-stdin": {
    what: "answers, closes its stdin and lives on",
    when: "request",
    act: ({ id, result }) => {
      answer(id, result ?? "closed");
      process.stdin.destroy();
      closeSync(0);
      liveOn();
    },
  },
  "close-stdout": {
    what: "closes its stdout instead of answering, and lives on",
    when: "request",
    act: () => {
      liveOn();
      closeSync(1);
    },
  },
  "leave-grandchild": {
    what: "answers, and leaves a process behind that holds its stdout for a minute",
    when: "request",
    act: ({ id, result }) => {
      const child = startGrandchild();
      child.unref();
      answer(id, result ?? child.pid);
    },
  },
  "grandchild-then-exit": {
    what: "leaves such a process behind and exits instead of answering",
    when: "request",
    usual: { code: 5 },
    act: (_, { code }) => {
      startGrandchild().once("spawn", () => process.exit(code));
    },
  },
};

/** @param {Buffer} bytes @param {number} ms */
function drip(bytes, ms) {
  process.stdout.write(bytes.subarray(0, 1));
  if (bytes.length > 1) setTimeout(drip, ms, bytes.subarray(1), ms);
}

/** Its stdout is ours, so it holds our pipe after we are gone. */
function startGrandchild() {
  const program = "setTimeout(() => undefined, 60000)";
  return spawn(process.execPath, ["-e", program], { stdio: ["ignore", "inherit", "inherit"], detached: true });
}
