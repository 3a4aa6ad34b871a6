// A thread that is woken for nothing costs more than the request itself.

import { readdirSync, readFileSync } from "node:fs";
import { createStdioChannel } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { rustWorker } from "../support/paths.js";

const REQUESTS = 500;

/** How often each thread of the process has gone to sleep, by the thread's name. */
function sleeps(pid: number): Map<string, number> {
  const folder = `/proc/${pid}/task`;
  return new Map(
    readdirSync(folder).map((thread) => {
      const status = readFileSync(`${folder}/${thread}/status`, "utf8");
      const count = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1];
      return [readFileSync(`${folder}/${thread}/comm`, "utf8").trim(), Number(count)];
    }),
  );
}

describe.skipIf(process.platform !== "linux")("the Rust worker", () => {
  test("wakes no other thread for an answer that its reader writes", async () => {
    const channel = await createStdioChannel(rustWorker, { args: ["--quiet"] });
    onTestFinished(() => channel.close());
    await channel.request("echo", { message: "first" });
    const before = sleeps(channel.pid!);
    for (let n = 0; n < REQUESTS; n++) await channel.request("echo", { message: { n, of: null } });
    const after = sleeps(channel.pid!);
    expect([...after.keys()]).toContain("writer");
    for (const [thread, count] of after) {
      if (thread === "rust-worker") continue;
      expect(count - (before.get(thread) ?? 0), thread).toBeLessThan(REQUESTS / 10);
    }
  });
});
