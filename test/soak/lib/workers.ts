import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { fixture, rustWorker } from "../../support/paths.js";

/** The compute worker. It does not print what it did. */
export function startRustWorker(options: StdioChannelOptions = {}): Promise<Channel> {
  return createStdioChannel(rustWorker, { ...options, args: ["--quiet", ...(options.args ?? [])] });
}

/** The worker whose methods are faults. */
export function startFaultyWorker(options: StdioChannelOptions = {}): Promise<Channel> {
  return createStdioChannel(process.execPath, {
    stderr: "ignore",
    ...options,
    args: [fixture("faulty-worker.mjs"), ...(options.args ?? [])],
  });
}
