// A worker that dies as soon as it lives, for ten minutes of a fake clock: how often it is started.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PoolOptions } from "../../src/index.js";
import type { SupervisionOptions } from "../../src/node/supervision.js";
import { openPool, type PooledWorker } from "./support/pooled.js";
import { openSupervised } from "./support/supervised.js";

const MINUTE = 60_000;
const STEP_MS = 25;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** More microtasks than any reaction to one event takes. */
async function settle(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
}

/** Lets the time pass, and calls what is to happen all the time. */
async function pass(milliseconds: number, meanwhile: () => void): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += STEP_MS) {
    meanwhile();
    await settle();
    vi.advanceTimersByTime(STEP_MS);
    await settle();
  }
}

/** The most of the moments that lie within one window. */
function mostWithin(moments: readonly number[], windowMs: number): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + windowMs).length));
}

test("a channel starts a worker eleven times by default, ends for that, and starts none in the ten minutes after", async () => {
  const { channel, workers } = await openSupervised({ restart: true });
  const starts: number[] = [];
  const dieAtOnce = (): void => {
    while (starts.length < workers.length) {
      workers[starts.length]!.die();
      starts.push(performance.now());
    }
  };
  await pass(MINUTE, dieAtOnce);
  expect(starts).toHaveLength(11);
  expect(await channel.closed).toMatchObject({ code: "RESTARTS_EXHAUSTED" });
  await pass(10 * MINUTE, dieAtOnce);
  expect(workers).toHaveLength(11);
  expect(vi.getTimerCount()).toBe(0);
});

describe("a pool of which one place has nothing but workers that die at once", () => {
  /** The moments at which workers for place 1 were started within ten minutes. */
  async function startsIn(options: PoolOptions & SupervisionOptions): Promise<{ starts: number[]; answers: number }> {
    const starts: number[] = [];
    const { pool, workers } = await openPool({ size: 2, ...options }, (slot) => {
      if (slot === 1) starts.push(performance.now());
    });
    const dead = new Set<PooledWorker>();
    let answers = 0;
    await pass(10 * MINUTE, () => {
      for (const worker of workers.filter(({ slot }) => slot === 1)) {
        if (!dead.has(worker)) worker.die();
        dead.add(worker);
      }
      workers[0]!.answerAll();
      pool.request("m").then(
        () => (answers += 1),
        () => undefined,
      );
    });
    expect(workers.filter(({ slot }) => slot === 0)).toHaveLength(1);
    expect(pool.health()).toMatchObject({ healthy: true, workers: { ready: 1, total: 2 } });
    await pool.close();
    return { starts, answers };
  }

  test("starts no more of them than the budget says, and serves all the time", async () => {
    const restart = { maxRestarts: 5, withinMs: MINUTE, minDelayMs: 1, maxDelayMs: 2 };
    const { starts, answers } = await startsIn({ restart });
    // A start is planned a moment before it happens, and time goes by in steps.
    expect(mostWithin(starts.slice(1), MINUTE - 2 * STEP_MS)).toBe(5);
    expect(starts.length).toBeGreaterThan(1 + 9 * 5);
    expect(starts.length).toBeLessThanOrEqual(1 + 10 * 5);
    expect(answers).toBeGreaterThan(23_000);
  });

  test("starts them by default with delays of up to ten seconds", async () => {
    const { starts } = await startsIn({ restart: { minDelayMs: 100, maxDelayMs: 10_000, maxRestarts: 20 } });
    expect(mostWithin(starts.slice(1), MINUTE - 10_000)).toBeLessThanOrEqual(20);
    const gaps = starts.slice(20).map((at, place) => at - (starts[19 + place] ?? at));
    expect(Math.max(...gaps)).toBeGreaterThan(5_000);
    // On average five seconds between two.
    expect(starts.length).toBeLessThan(200);
    expect(starts.length).toBeGreaterThan(60);
  });
});
