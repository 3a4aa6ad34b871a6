/**
 * The program that plays the parent of one rival's worker. Each rival has its own, so that the code of one does not
 * decide how the engine compiles another's, and so that it can be put on a CPU.
 *
 *     helper.ts RIVAL [CPU OF THE WORKER]      laps are asked for by messages
 */
import { placedOn } from "./pinning.js";
import { cpuTimeUs, ownChildren } from "./procfs.js";
import type { Rival, Session } from "./rivals/contract.js";
import { rivals } from "./rivals/index.js";
import { CALLS, type Lap } from "./scenarios/contract.js";
import { scenarios } from "./scenarios/index.js";
import type { CurvePoint, Figures } from "./statistics.js";

export interface LapRequest extends Pick<Lap, "milliseconds" | "counts" | "quick"> {
  readonly scenario: string;
}

export type LapAnswer =
  | { readonly figures: Figures; readonly overall?: Figures; readonly curve?: CurvePoint[] }
  | { readonly failure: string };

/** Stands where a scenario starts its sessions itself. */
const NO_SESSION: Session = { close: () => Promise.resolve() };

const [rivalId, workerCpu] = process.argv.slice(2);
const rival = findRival(rivalId);
const placement = placedOn(workerCpu === undefined ? undefined : Number(workerCpu));
let session: Session | undefined;
let workerPid: number | undefined;

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

async function run({ scenario: id, ...wanted }: LapRequest): Promise<LapAnswer> {
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new Error(`no scenario is named ${id}`);
  const own = scenario.ownSessions === true ? NO_SESSION : (session ??= await startSession());
  const lap: Lap = {
    ...wanted,
    maxCalls: rival.callsPerSession ?? Infinity,
    workerPid,
    start: () => rival.start(placement),
  };
  const before = cpuTimes();
  const figures = await scenario.lap(own, lap);
  const cpu = cpuPerCall(before, figures);
  if (rival.callsPerSession !== undefined) await endSession();
  const overall = wanted.counts ? scenario.overall?.() : undefined;
  const curve = wanted.counts ? scenario.curve?.() : undefined;
  return {
    figures: { ...figures, ...cpu },
    ...(overall === undefined ? {} : { overall }),
    ...(curve === undefined ? {} : { curve }),
  };
}

async function startSession(): Promise<Session> {
  const before = new Set(ownChildren());
  const started = await rival.start(placement);
  workerPid = ownChildren().find((pid) => !before.has(pid));
  return started;
}

async function endSession(): Promise<void> {
  await session?.close();
  session = undefined;
  workerPid = undefined;
}

interface CpuTimes {
  readonly parent: number;
  readonly worker: number;
}

/** In microseconds. Of a worker that is a thread the time is a part of the parent's. */
function cpuTimes(): CpuTimes {
  const { user, system } = process.cpuUsage();
  return { parent: user + system, worker: workerPid === undefined ? 0 : (cpuTimeUs(workerPid) ?? NaN) };
}

function cpuPerCall(before: CpuTimes, { [CALLS]: calls }: Figures): Figures {
  if (calls === undefined || calls === 0) return {};
  const after = cpuTimes();
  const parentCpuUs = (after.parent - before.parent) / calls;
  const workerCpuUs = (after.worker - before.worker) / calls;
  return { parentCpuUs, workerCpuUs, cpuUs: parentCpuUs + workerCpuUs };
}
