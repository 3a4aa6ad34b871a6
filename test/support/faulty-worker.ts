import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { onTestFinished } from "vitest";
import { fixture } from "./paths.js";

/** Ends a worker that does not listen quickly enough for a test. */
const QUICK_SHUTDOWN = { graceMs: 100, termMs: 100 };

/** Starts `fixtures/faulty-worker.mjs`; it is ended when the test is over. */
export async function startFaulty(options: StdioChannelOptions = {}): Promise<Channel> {
  const channel = await createStdioChannel(process.execPath, {
    stderr: "ignore",
    shutdown: QUICK_SHUTDOWN,
    ...options,
    args: [fixture("faulty-worker.mjs"), ...(options.args ?? [])],
  });
  onTestFinished(async () => {
    await channel.close();
  });
  return channel;
}
