import { onTestFinished } from "vitest";
import type { ChannelEvent, ChannelOptions, Pool, PoolOptions } from "../../../src/index.js";
import { resolveStack } from "../../../src/node/assemble.js";
import { poolLinks, poolSupervision } from "../../../src/node/pooling.js";
import type { SupervisionOptions } from "../../../src/node/supervision.js";
import { resolvePool } from "../../../src/supervise/pool/options.js";
import { AT_ONCE, FakeWorker } from "./supervised.js";

/** A worker of a pool, and the place that it was started for. */
export class PooledWorker extends FakeWorker {
  readonly slot: number;
  memoryBytes: number | undefined;
  isDead = false;

  constructor(pid: number, slot: number) {
    super(pid);
    this.slot = slot;
  }

  override die(signal?: string | null): void {
    this.isDead = true;
    super.die(signal);
  }

  /** The requests that it has been sent and has not answered, by their methods. */
  get open(): string[] {
    return this.sent.filter(({ id }) => id !== undefined).map(({ method }) => method);
  }
}

export interface Pooled {
  readonly pool: Pool;
  /** Those that were started, in order. */
  readonly workers: PooledWorker[];
  readonly events: ChannelEvent[];
  /** Reported to `onError`. */
  readonly errors: unknown[];
  /** What each start from now on does first. */
  readonly beforeStart: (callback: (slot: number) => unknown) => void;
}

/** A pool over fake workers; closed when the test is over. */
export async function openPool(
  options: PoolOptions & SupervisionOptions & ChannelOptions = {},
  before: (slot: number) => unknown = () => undefined,
): Promise<Pooled> {
  const workers: PooledWorker[] = [];
  const errors: unknown[] = [];
  const events: ChannelEvent[] = [];
  let beforeStart = before;
  const stack = resolveStack({ onError: (error) => errors.push(error), ...options });
  const policy = resolvePool("openPool", options, 2);
  const supervision = poolSupervision({ restart: AT_ONCE, ...options }, policy);
  const pool = await poolLinks(stack, supervision, policy, undefined, async (_signal, slot) => {
    await beforeStart(slot);
    const worker = new PooledWorker(1000 + workers.length, slot);
    workers.push(worker);
    return {
      link: worker.link,
      pid: worker.pid,
      kill: () => void (worker.kills += 1),
      vitals: () => worker.vitals,
      memoryBytes: () => worker.memoryBytes,
    };
  });
  pool.onEvent((event) => events.push(event));
  onTestFinished(() => pool.close());
  return { pool, workers, errors, events, beforeStart: (callback) => (beforeStart = callback) };
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`it never came to: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
