// A parent that is killed: starts the worker, tells its pid, has it answer one request, and waits for its end. With a
// process group of its own a worker would not share its parent's fate by accident.

import { spawn } from "node:child_process";

/**
 * @typedef {{ command: string, args: string[], cwd?: string, first: string, more: string }} Order
 */

/** @type {unknown} */
const order = JSON.parse(process.argv[2] ?? "{}");
const { command, args, cwd, first, more } = /** @type {Order} */ (order);

const child = spawn(command, args, {
  stdio: ["pipe", "pipe", "ignore"],
  detached: process.platform !== "win32",
  ...(cwd === undefined ? {} : { cwd }),
});
child.on("error", () => process.exit(1));
console.log(child.pid);
child.stdout.once("data", () => {
  child.stdin.write(Buffer.from(more, "hex"), () => console.log("answered"));
});
child.stdin.write(Buffer.from(first, "hex"));
setInterval(() => undefined, 1000);
