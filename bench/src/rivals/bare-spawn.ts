import { once } from "node:events";
import { rustWorker } from "../programs.js";
import { endChild, startChild } from "./child.js";
import type { Rival } from "./contract.js";

/** What any start of this binary costs. */
export const bareSpawn: Rival = {
  id: "bare-spawn",
  name: "bare spawn of rust-worker",
  what: "child_process.spawn of rust-worker --version, until it has ended: what starting that binary costs anybody",
  can: ["start"],
  start: async (placement) => {
    const child = await startChild(placement.command(rustWorker, "--version"));
    child.stdout.resume();
    await once(child, "close");
    return { close: () => Promise.resolve() };
  },
};

/** The same with the worker's own start, and without our parent's side. */
export const bareAnswer: Rival = {
  id: "bare-answer",
  name: "bare spawn, first answer",
  what: "child_process.spawn of rust-worker --quiet and one request written by hand, until the first byte of its answer",
  can: ["start"],
  start: async (placement) => {
    const child = await startChild(placement.command(rustWorker, "--quiet"));
    child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":2,"b":1}}\n');
    await once(child.stdout, "data");
    return { close: () => endChild(child) };
  },
};
