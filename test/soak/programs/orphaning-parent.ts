// A parent with one worker, in a state in which the parent is going to be killed: orphaning-parent.ts rust|node STATE.
// It prints the worker's pid when it is there.

import { createStdioChannel, type Channel } from "@procwire/transport";
import { rustWorker, typescript } from "../../support/paths.js";
import { program } from "../lib/program.js";

const [kind = "", state = ""] = process.argv.slice(2);

const STATES: Readonly<Record<string, (channel: Channel) => void>> = {
  idle: () => undefined,
  computing: (channel) => {
    for (let thread = 0; thread < 8; thread++) {
      void channel.request(kind === "rust" ? "fibonacci_recursive" : "busy", { n: 60 });
    }
  },
  // More than the pipe takes, and from then on this process reads nothing.
  "blocked in write": (channel) => {
    const value = "x".repeat(1_000_000);
    for (let call = 0; call < 20; call++) {
      void (kind === "rust"
        ? channel.request("echo", { message: value })
        : channel.request("flood", { count: 1_000, bytes: 100_000 }));
    }
  },
};

const channel = await (kind === "rust"
  ? createStdioChannel(rustWorker, { args: ["--quiet"] })
  : createStdioChannel(process.execPath, { args: typescript(program("serve-stdio.ts")) }));
await channel.request("echo", { message: 1, value: 1 });
STATES[state]?.(channel);
setTimeout(() => {
  process.stdout.write(`${String(channel.pid)}\n`);
  if (state === "blocked in write") standStill();
}, 30);

function standStill(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}
