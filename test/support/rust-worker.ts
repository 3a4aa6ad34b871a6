import { existsSync } from "node:fs";
import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { onTestFinished } from "vitest";
import { rustWorker } from "./paths.js";

/** Starts the Rust worker; it is ended when the test is over. */
export async function startRust(options: StdioChannelOptions = {}): Promise<Channel> {
  if (!existsSync(rustWorker)) throw new Error(`${rustWorker} is missing: npm test builds it`);
  const channel = await createStdioChannel(rustWorker, options);
  onTestFinished(async () => {
    await channel.close();
  });
  return channel;
}
