import { pathToFileURL } from "node:url";
import { workerScript } from "../programs.js";
import type { Placement, Rival, Session } from "./contract.js";
import { PoolSession } from "./pool-session.js";

const CALLS = ["add", "text", "document", "bytes", "typed", "sum", "sum-typed", "start"] as const;
/** As many as any scenario has in flight. */
const MOST_IN_FLIGHT = 1000;

export const piscina: Rival = {
  id: "piscina",
  name: "piscina, one thread",
  what: "piscina 5: a thread of the same process, no pipe; it falls with its parent and the parent with it",
  can: CALLS,
  start: (placement) => open(placement, false),
};

/** What its documentation offers for many small tasks: by default a thread gets the next one when it has ended the last. */
export const piscinaConcurrent: Rival = {
  id: "piscina-concurrent",
  name: "piscina, 1000 tasks a thread",
  what: "the same with concurrentTasksPerWorker: 1000, recordTiming: false and a FixedQueue",
  can: CALLS,
  start: (placement) => open(placement, true),
};

async function open(placement: Placement, isConcurrent: boolean): Promise<Session> {
  const { FixedQueue, Piscina } = await import("piscina");
  const filename = pathToFileURL(workerScript("piscina-worker.mjs")).href;
  const many = { concurrentTasksPerWorker: MOST_IN_FLIGHT, recordTiming: false, taskQueue: new FixedQueue() };
  const one = { filename, minThreads: 1, maxThreads: 1, execArgv: [] };
  const pool = new Piscina<Call, never>({ ...one, ...(isConcurrent ? many : {}) });
  const thread = (await pool.run({ method: "thread", params: undefined })) as number | undefined;
  if (thread !== undefined) placement.thread(thread);
  return new PoolSession(
    (method, params) => pool.run({ method, params }),
    () => pool.close(),
  );
}

interface Call {
  readonly method: string;
  readonly params: unknown;
}
