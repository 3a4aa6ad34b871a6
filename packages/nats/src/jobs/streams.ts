import {
  AckPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from "@nats-io/jetstream";
import type { JobNames } from "./names.js";

/** What is kept of jobs, and for how long. Whoever opens them first on a server decides. */
export interface JobsPolicy {
  readonly maxQueued: number;
  readonly keepResultsMs: number;
  readonly dedupeMs: number;
  readonly replicas: number;
}

const NANOSECONDS = 1_000_000;
/** Without word of the worker a job goes to another after this time; see the heartbeats of the worker. */
export const ACK_WAIT_MS = 30_000;
/** How many jobs without a key may run at once, in all workers. */
const MAX_RUNNING = 10_000;

/** Makes the streams that are not there; what is there stays as it is. */
export async function ensureStreams(manager: JetStreamManager, names: JobNames, policy: JobsPolicy): Promise<void> {
  const { maxQueued, keepResultsMs, dedupeMs, replicas } = policy;
  const common = { storage: StorageType.File, num_replicas: replicas };
  const keep = { max_age: keepResultsMs * NANOSECONDS };
  await ensure(manager, {
    ...common,
    name: names.jobs,
    subjects: [names.anyJob],
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_msgs: maxQueued,
    duplicate_window: dedupeMs * NANOSECONDS,
  });
  // One outcome for each job; the first one counts.
  const window = Math.min(dedupeMs, keepResultsMs) * NANOSECONDS;
  await ensure(manager, {
    ...common,
    ...keep,
    name: names.results,
    subjects: [names.anyResult],
    duplicate_window: window,
  });
  await ensure(manager, { ...common, name: names.dead, subjects: [names.anyDead] });
}

async function ensure(manager: JetStreamManager, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    await manager.streams.info(config.name);
  } catch {
    await manager.streams.add(config);
  }
}

/** A lane of a key gives out one job at a time, so that each is done before the next begins. */
export async function ensureLanes(manager: JetStreamManager, names: JobNames): Promise<void> {
  await Promise.all(
    names.lanes.map(({ name, filter, isOrdered }) =>
      manager.consumers.add(names.jobs, {
        durable_name: name,
        filter_subject: filter,
        ack_policy: AckPolicy.Explicit,
        ack_wait: ACK_WAIT_MS * NANOSECONDS,
        max_ack_pending: isOrdered ? 1 : MAX_RUNNING,
        max_deliver: -1,
      }),
    ),
  );
}
