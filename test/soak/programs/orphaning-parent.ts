// A parent that is going to be killed, with a worker in each state: orphaning-parent.ts rust|node. It prints JSON: for each
// worker its state, its id and that of what it has started, and how long it takes such a worker to start.

import { readFileSync } from "node:fs";
import { createStdioChannel, type Channel } from "@procwire/transport";
import { conformanceWorker, rustWorker, typescript } from "../../support/paths.js";
import { waitFor } from "../../support/wait-for.js";
import { program } from "../lib/program.js";

const isRust = process.argv[2] === "rust";

/** The shell becomes the worker, and what it has started is the worker's. */
const WITH_GRANDCHILD = 'sleep 1000 < /dev/null > /dev/null & exec "$0" "$@"';
const HANDLERS = 8;
const SETTLE_MS = 30;

const STATES: Readonly<Record<string, (channel: Channel) => void>> = {
  idle: () => undefined,
  computing: (channel) => {
    for (let n = 0; n < HANDLERS; n++) void channel.request(isRust ? "fibonacci_recursive" : "busy", { n: 60 });
  },
  // Its handlers wait for something that does not come.
  sleeping: (channel) => {
    for (let n = 0; n < HANDLERS; n++) void channel.request("wait");
  },
  stopped: ({ pid = 0 }) => {
    process.kill(pid, "SIGSTOP");
  },
  // More than the pipe takes, and from then on this process reads nothing.
  "blocked in write": (channel) => {
    const value = "x".repeat(1_000_000);
    for (let n = 0; n < 20; n++) {
      void (isRust
        ? channel.request("echo", { message: value })
        : channel.request("flood", { count: 1_000, bytes: 100_000 }));
    }
  },
};

async function start(state: string): Promise<Channel> {
  const rust = state === "sleeping" ? [conformanceWorker] : [rustWorker, "--quiet"];
  const worker = isRust ? rust : [process.execPath, ...typescript(program("serve-stdio.ts"))];
  // Nothing wakes a Node worker that is stopped.
  const guard = state === "stopped" && !isRust;
  return createStdioChannel("sh", { args: ["-c", WITH_GRANDCHILD, ...worker], guard, warnAfterMs: Infinity });
}

/** The worker's id, and that of its only child. */
async function family(state: string, { pid = 0 }: Channel): Promise<{ state: string; pids: number[] }> {
  const children = (): string[] => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  await waitFor(() => children().length === 1);
  return { state, pids: [pid, ...children().map(Number)] };
}

const startedAt = performance.now();
const channels = await Promise.all(
  Object.entries(STATES).map(async ([state, enter]) => {
    const channel = await start(state);
    await channel.request("echo", { message: 1, value: 1 });
    return { state, channel, enter };
  }),
);
const startMs = performance.now() - startedAt;
const families = await Promise.all(channels.map(({ state, channel }) => family(state, channel)));
for (const { channel, enter } of channels) enter(channel);
await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
families.push(await family("starting", await start("starting")));
process.stdout.write(JSON.stringify({ startMs, families }));
for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
