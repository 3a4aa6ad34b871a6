import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { faultyNode } from "../../support/faulty-programs.js";
import { rustWorker } from "../../support/paths.js";

/** The compute worker. It does not print what it did. */
export function startRustWorker(options: StdioChannelOptions = {}): Promise<Channel> {
  return createStdioChannel(rustWorker, { ...options, args: ["--quiet", ...(options.args ?? [])] });
}

/** A worker whose methods are faults. */
export function startFaultyWorker(options: StdioChannelOptions = {}, program = faultyNode): Promise<Channel> {
  return createStdioChannel(program.command, { stderr: "ignore", ...options, args: program.args });
}
