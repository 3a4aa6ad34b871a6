import type { Channel, StdioChannelOptions } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { faultyPrograms, type FaultyProgram } from "../../support/faulty-programs.js";
import { startFaulty } from "../../support/faulty-worker.js";
import { named } from "../../support/named.js";
import { expectNothingLeft } from "../../support/nothing-left.js";
import { isAlive, rejectionOf } from "../../support/wait-for.js";

/** What one worker does wrong, and what the caller must see. */
export interface Fault {
  readonly name: string;
  readonly options?: StdioChannelOptions;
  /** Why a worker in that language can't have it. */
  readonly cannot?: Readonly<Partial<Record<FaultyProgram["name"], string>>>;
  act(channel: Channel, seen: Seen): Promise<void>;
}

/** What belongs to no request. */
interface Seen {
  readonly program: FaultyProgram;
  readonly errors: readonly unknown[];
  readonly noise: readonly string[];
}

/** A test per worker and fault. The channel is used `afterwards` as that kind of fault allows. */
export function describeFaults(
  kind: string,
  faults: readonly Fault[],
  afterwards: (channel: Channel) => Promise<void>,
): void {
  describe.skipIf(process.platform === "win32").each(named(faultyPrograms))("a worker in %s that", (_, program) => {
    for (const fault of faults) {
      const reason = fault.cannot?.[program.name];
      const because = reason === undefined ? "" : ` (there is no such fault in ${program.name}: ${reason})`;
      test.skipIf(reason !== undefined)(`${fault.name}${kind}${because}`, () =>
        expectHandled(fault, program, afterwards),
      );
    }
  });
}

/** Runs one fault: what the caller sees, then the end of the worker, then that nothing is left. */
async function expectHandled(
  fault: Fault,
  program: FaultyProgram,
  afterwards: (channel: Channel) => Promise<void>,
): Promise<void> {
  const nothingLeft = expectNothingLeft();
  const errors: unknown[] = [];
  const noise: string[] = [];
  const options: StdioChannelOptions = {
    onError: (error) => errors.push(error),
    onNoise: (text) => noise.push(text),
    ...fault.options,
  };
  const channel = await startFaulty(options, program);
  await fault.act(channel, { program, errors, noise });
  await afterwards(channel);
  expect(channel.stats().inFlight).toBe(0);
  await channel.close();
  expect(isAlive(channel.pid!)).toBe(false);
  await nothingLeft();
}

/** The worker answers. */
export async function expectAlive(channel: Channel): Promise<void> {
  expect(await channel.request<number>("echo", { value: 7 }, { timeout: 0 })).toBe(7);
}

/** Of a call to a worker that ends at its start: it may be gone before it could be sent anything. */
export const AT_START: unknown = expect.stringMatching(/^(?:unknown|not-sent)$/);

/** The call fails, because the worker has ended in this way. */
export async function expectExit(call: Promise<unknown>, how: object): Promise<void> {
  expect(await rejectionOf(call)).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown", ...how });
}
