// Methods that are no faults: what a test asks the worker about itself, or has it ask.

import { readdirSync } from "node:fs";
import { answer, say } from "./wire.mjs";

/** What this worker's own requests were made for, by their ids. @type {Map<unknown, import("./wire.mjs").Id>} */
const asked = new Map();

/** @typedef {(id: import("./wire.mjs").Id, params: import("./wire.mjs").Params) => void} Tool */

/** @type {Readonly<Record<string, Tool>>} */
export const tools = {
  echo: (id, { value }) => answer(id, value),
  pid: (id) => answer(id, process.pid),
  args: (id) => answer(id, process.argv.slice(2)),
  cwd: (id) => answer(id, process.cwd()),
  env: (id, { names }) =>
    answer(
      id,
      names.map((name) => process.env[name] ?? null),
    ),
  // Others of its kind know no heartbeat.
  "$/ping": (id) => {
    if (process.argv.includes("--heartbeat")) answer(id, null);
  },
  openFiles: (id) => answer(id, readdirSync("/proc/self/fd").length),
  // Asks the parent and tells what it said: the whole message.
  askParent: (id, { method, params }) => {
    const own = `ask ${String(id)}`;
    asked.set(own, id);
    say({ id: own, method, params });
  },
  // A request and the answer to another, in one chunk.
  requestAndAnswer: (id) => {
    const request = JSON.stringify({ jsonrpc: "2.0", id: "slow", method: "slow" });
    process.stdout.write(`${request}\n${JSON.stringify({ jsonrpc: "2.0", id, result: "at once" })}\n`);
  },
};

/** What the parent answered. @param {{ id?: unknown }} message */
export function hearAnswer(message) {
  if (!asked.has(message.id)) return;
  answer(asked.get(message.id), message);
  asked.delete(message.id);
}
