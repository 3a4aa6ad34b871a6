import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ChannelError, type Channel } from "@procwire/transport";
import {
  count,
  func,
  MAX_TIMER_MS,
  milliseconds,
  numberFrom,
  readOptions,
  reasonOf,
  type OptionTable,
} from "@procwire/transport/extend";
import { assertReachable, NATS_OPTIONS, openConnection, type NatsOptions } from "../connection.js";
import { DEFAULT_PREFIX } from "../wire/subjects.js";
import { Jobs } from "./jobs.js";
import { JobNames } from "./names.js";
import { ensureLanes, ensureStreams } from "./streams.js";
import { JobWorker } from "./worker.js";

export interface JobsOptions extends NatsOptions {
  /** So many jobs may wait or run; more are refused with `OVERLOADED`. Default 100,000. */
  readonly maxQueued?: number | undefined;
  /** Milliseconds for which outcomes are kept. Default a day. */
  readonly keepResultsMs?: number | undefined;
  /** Milliseconds in which a second job of the same id is known to be one, even while the first waits. Default an hour. */
  readonly dedupeMs?: number | undefined;
  /** On so many servers of a cluster jobs are kept. Default 1. */
  readonly replicas?: number | undefined;
}

export interface ServeJobsOptions extends JobsOptions {
  /** So many jobs run at once here, of those without a key. Default 16. */
  readonly maxInFlight?: number | undefined;
  /** So often a job is tried that fails for a reason that may pass. Default 5. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the next attempt, at least; random, doubled with each. Default 200. */
  readonly minDelayMs?: number | undefined;
  /** And at most. Default 60,000. */
  readonly maxDelayMs?: number | undefined;
  /** Milliseconds that one attempt may take. Default no limit. */
  readonly timeout?: number | undefined;
  /** Gets what went wrong and belongs to no job. Default `console.error`. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

// A server takes no shorter window, and no shorter age.
const time = numberFrom(100, Number.MAX_SAFE_INTEGER, "milliseconds");

export const JOBS_OPTIONS: OptionTable<JobsOptions> = {
  ...NATS_OPTIONS,
  maxQueued: count(1),
  keepResultsMs: time,
  dedupeMs: time,
  replicas: count(1, 5),
};

export const SERVE_JOBS_OPTIONS: OptionTable<ServeJobsOptions> = {
  ...JOBS_OPTIONS,
  maxInFlight: count(1, 10_000),
  attempts: count(1),
  minDelayMs: numberFrom(0, MAX_TIMER_MS, "milliseconds"),
  maxDelayMs: numberFrom(0, MAX_TIMER_MS, "milliseconds"),
  timeout: milliseconds,
  onError: func("that gets each error"),
};

const DAY_MS = 24 * 60 * 60 * 1_000;
const HOUR_MS = 60 * 60 * 1_000;

/** Jobs that survive restarts, of callers and workers: JetStream keeps them. Rejects as `createNatsChannel` does. */
export async function openJobs(given: JobsOptions): Promise<Jobs> {
  const options = readOptions("openJobs", given, JOBS_OPTIONS);
  const { connection, names, release } = await open("openJobs", options);
  return Jobs.open(connection, names, release);
}

/** Does the jobs of a service by the channel, as one of any number of workers. Resolves when it takes jobs. */
export async function serveJobs(target: Channel, given: ServeJobsOptions): Promise<JobWorker> {
  const options = readOptions("serveJobs", given, SERVE_JOBS_OPTIONS);
  const { minDelayMs = 200, maxDelayMs = Math.max(60_000, options.minDelayMs ?? 0) } = options;
  if (minDelayMs > maxDelayMs) throw new RangeError("serveJobs: minDelayMs must not be above maxDelayMs.");
  const { connection, names, release } = await open("serveJobs", options);
  await ensureLanes(await jetstreamManager(connection), names);
  const { maxInFlight = 16, attempts = 5, timeout = 0 } = options;
  const worker = new JobWorker({
    ...{ connection, names, target, maxInFlight, attempts, minDelayMs, maxDelayMs, timeout, release },
    onError: options.onError ?? printError,
  });
  await worker.start();
  return worker;
}

async function open(
  where: string,
  options: JobsOptions,
): Promise<{ connection: NatsConnection; names: JobNames; release: () => Promise<void> }> {
  assertReachable(where, options);
  const { service, prefix = DEFAULT_PREFIX, maxQueued = 100_000, replicas = 1 } = options;
  const { keepResultsMs = DAY_MS, dedupeMs = HOUR_MS } = options;
  const names = new JobNames(prefix, service);
  const { connection, isOwn } = await openConnection(options, `procwire jobs of ${service}`);
  const release = async (): Promise<void> => {
    if (isOwn && !connection.isClosed()) await connection.close();
  };
  try {
    await ensureStreams(await jetstreamManager(connection), names, { maxQueued, keepResultsMs, dedupeMs, replicas });
  } catch (error) {
    await release();
    const text = `${where}: the server keeps no jobs: ${reasonOf(error)}. Is JetStream switched on there?`;
    throw new ChannelError("CONNECT_FAILED", text, { cause: error, delivery: "not-sent" });
  }
  return { connection, names, release };
}

function printError(error: unknown): void {
  console.error("procwire:", error);
}
