import { expect, test } from "vitest";
import { rejectionOf } from "../support/channels.js";
import { openPool, until } from "./support/pooled.js";
import { AT_ONCE, openSupervised, settle, started } from "./support/supervised.js";

async function cancelled(request: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const rejected = rejectionOf(request(controller.signal));
  controller.abort();
  await rejected;
}

test("a worker that goes on with cancelled work is killed and replaced; what else it had says why it was lost", async () => {
  const supervised = await openSupervised({ restart: AT_ONCE, killAfterCancelMs: 20 });
  const { channel, worker } = supervised;
  const first = worker();
  const lost = rejectionOf(channel.request("innocent"));
  await cancelled((signal) => channel.request("spin", {}, { signal }));
  const error = await lost;
  expect(error).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL", delivery: "unknown" });
  expect((error as Error).message).toMatch(/work of spin had not stopped 20 ms after it was cancelled/);
  expect(first.kills).toBe(1);
  await started(supervised, 2);
});

test("a request that has timed out counts as cancelled; the channel of one life ends", async () => {
  const { channel, worker } = await openSupervised({ killAfterCancelMs: 10 });
  expect(await rejectionOf(channel.request("spin", {}, { timeout: 10 }))).toMatchObject({ code: "TIMEOUT" });
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL" });
  expect(worker().kills).toBe(1);
});

test("a worker that answers the cancelled request in time lives on, whatever the answer", async () => {
  const { channel, worker } = await openSupervised({ restart: AT_ONCE, killAfterCancelMs: 30 });
  for (const answer of [{ result: 1 }, { error: { code: -32800, message: "Request cancelled" } }]) {
    await cancelled((signal) => channel.request("work", {}, { signal }));
    const { id } = worker().sent.findLast(({ method }) => method === "work")!;
    worker().link.deliver({ id, ...answer });
  }
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(worker().kills).toBe(0);
  expect(channel.state).toBe("ready");
});

test("in a pool it costs that worker its life, and no other; idempotent requests on it move", async () => {
  const { pool, workers } = await openPool({ size: 2, killAfterCancelMs: 20 });
  await cancelled((signal) => pool.request("spin", {}, { signal }));
  const other = pool.request("other");
  workers[0]!.answer("other", "early");
  const moved = pool.request("moved", {}, { idempotent: true });
  await until(() => workers[0]!.kills === 1, "a kill");
  await settle();
  expect(workers[1]!.kills).toBe(0);
  await until(() => workers.some((worker) => worker !== workers[0] && worker.open.includes("moved")), "the move");
  for (const worker of workers) worker.answerAll();
  expect(await Promise.all([other, moved])).toEqual(["early", "moved"]);
  await until(() => pool.health().workers.ready === 2, "a new worker");
});

test("what was never sent costs nobody anything", async () => {
  const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1, killAfterCancelMs: 5 });
  const running = pool.request("running");
  await cancelled((signal) => pool.request("queued", {}, { signal }));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(workers[0]!.kills).toBe(0);
  workers[0]!.answerAll();
  expect(await running).toBe("running");
});
