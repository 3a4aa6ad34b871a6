import { ChannelError, RpcError } from "../../../src/index.js";

const LONG = process.env["PROCWIRE_LONG"] === "1";
const ROUNDS = LONG ? 100_000 : 2_500;
const SEED = process.env["PROCWIRE_SEED"];

/** How a request ended, or must end. */
export type Outcome = string;

export function outcomeOf(error: unknown): Outcome {
  if (error instanceof RpcError) return `error ${error.code}`;
  if (error instanceof ChannelError) return `${error.code} ${String(error.delivery)}`;
  return String(error);
}

/** Until everything is over that a step has caused; streams that have pumped for long want a turn of the loop for it. */
export async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (let at = 0; at < 40; at++) await Promise.resolve();
}

/** Runs a round per seed; what fails names its seed. */
export async function explore(round: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seedsOf(ROUNDS)) {
    try {
      await round(seed);
    } catch (error) {
      throw new Error(`PROCWIRE_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}

function seedsOf(rounds: number): number[] {
  if (SEED !== undefined) return [Number(SEED)];
  const base = LONG ? Date.now() >>> 0 : 1;
  return Array.from({ length: rounds }, (_, at) => (base + at) >>> 0);
}
