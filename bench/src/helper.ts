/**
 * The program that plays the parent of one rival's worker. Each rival has its own, so that the code of one does not
 * decide how the engine compiles another's, and so that it can be put on a CPU.
 *
 *     helper.ts RIVAL [CPU OF THE WORKER]      laps are asked for by messages
 */
import { placedOn } from "./pinning.js";
import type { Rival, Session } from "./rivals/contract.js";
import { rivals } from "./rivals/index.js";
import type { Figures, Lap } from "./scenarios/contract.js";
import { scenarios } from "./scenarios/index.js";

export interface LapRequest extends Omit<Lap, "maxCalls"> {
  readonly scenario: string;
}

export type LapAnswer = { readonly figures: Figures; readonly overall?: Figures } | { readonly failure: string };

const [rivalId, workerCpu] = process.argv.slice(2);
const rival = findRival(rivalId);
const placed = placedOn(workerCpu === undefined ? undefined : Number(workerCpu));
let session: Session | undefined;

process.on("message", (message) => void answer(message as LapRequest));
process.once("disconnect", () => process.exit());

async function answer(request: LapRequest): Promise<void> {
  let reply: LapAnswer;
  try {
    reply = await run(request);
  } catch (error) {
    reply = { failure: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply);
}

function findRival(id: string | undefined): Rival {
  const found = rivals.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no rival is named ${String(id)}`);
  return found;
}

async function run({ scenario: id, milliseconds, counts }: LapRequest): Promise<LapAnswer> {
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new Error(`no scenario is named ${id}`);
  session ??= await rival.start(placed);
  const figures = await scenario.lap(session, { milliseconds, counts, maxCalls: rival.callsPerSession ?? Infinity });
  if (rival.callsPerSession !== undefined) {
    await session.close();
    session = undefined;
  }
  const overall = scenario.overall?.();
  return overall === undefined ? { figures } : { figures, overall };
}
