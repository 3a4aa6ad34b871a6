import { existsSync } from "node:fs";
import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { expect, onTestFinished } from "vitest";
import { faultyNode, type FaultyProgram } from "./faulty-programs.js";
import { Witness } from "./witness.js";

/** Ends a worker that does not listen quickly enough for a test. */
const QUICK_SHUTDOWN = { graceMs: 100, termMs: 100 };

/**
 * Starts a faulty worker; it is ended when the test is over. The test fails when a request was executed that is said not
 * to have been sent, or not exactly once when it was answered.
 */
export async function startFaulty(
  options: StdioChannelOptions = {},
  program: FaultyProgram = faultyNode,
): Promise<Channel> {
  if (!existsSync(program.command)) throw new Error(`${program.command} is missing: npm test builds it`);
  const witness = new Witness();
  const channel = await createStdioChannel(program.command, {
    stderr: "ignore",
    shutdown: QUICK_SHUTDOWN,
    ...options,
    env: { ...options.env, ...witness.log.env },
    args: [...program.args, ...(options.args ?? [])],
  });
  witness.watch(channel);
  onTestFinished(async () => {
    await channel.close();
    expect(witness.lies()).toEqual([]);
  });
  return channel;
}
