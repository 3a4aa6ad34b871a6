import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { onTestFinished } from "vitest";
import { fixture, typescript } from "./paths.js";

/** Starts `fixtures/stream-worker.ts` in Node; it is ended when the test is over. */
export async function startStreamWorker(options: StdioChannelOptions = {}): Promise<Channel> {
  const channel = await createStdioChannel(process.execPath, {
    ...options,
    args: typescript(fixture("stream-worker.ts")),
  });
  onTestFinished(async () => {
    await channel.close();
  });
  return channel;
}
