// A parent that is killed while its workers are busy: it starts all WORKERS (as sessions.mjs does), prints their process
// ids, and waits. Whoever has started it kills it, and looks whether the workers are gone within a second.

import { createStdioChannel } from "@procwire/transport";

/** @type {import("./sessions.mjs").Worker[]} */
const workers = JSON.parse(process.argv[2] ?? "[]");

const pids = [];
for (const { command, args, hasNodeApi } of workers) {
  const channel = await createStdioChannel(command, { args: [...args, "--quiet"], stderr: "ignore" });
  await channel.request("add", { a: 1, b: 1 });
  // Long enough for a worker's own watch to have begun.
  await channel.request("echo", { message: 1 });
  void channel.request(hasNodeApi ? "block" : "fibonacci_recursive", { n: 93 }).catch(() => undefined);
  pids.push(channel.pid);
}
const deaf = await createStdioChannel("sh", { args: ["-c", "trap '' TERM; while :; do sleep 1; done"], guard: true });
pids.push(deaf.pid);
console.log(JSON.stringify({ pids }));
