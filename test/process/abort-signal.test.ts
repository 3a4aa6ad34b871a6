import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { startRust } from "../support/rust-worker.js";
import { waitFor } from "../support/wait-for.js";

expectNoTrouble();

const REQUESTS = 100_000;
const AT_ONCE = 1_000;

test("100,000 requests on one signal leave no listener on it, and never have more than one at a time", async () => {
  const { signal } = new AbortController();
  const channel = await startRust({ args: ["--quiet"], timeout: 60_000 });
  let most = 0;
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    const calls = Array.from({ length: AT_ONCE }, () => channel.request<number>("echo", { message: sent }, { signal }));
    most = Math.max(most, getEventListeners(signal, "abort").length);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([sent]));
  }
  expect(most).toBe(1);
  // The last one lingers for a moment, in case that another request comes.
  await waitFor(() => getEventListeners(signal, "abort").length === 0);
  expect(channel.stats()).toMatchObject({ inFlight: 0, succeeded: REQUESTS });
});

test("a signal that was given to channels keeps no listener of those that have ended", async () => {
  const { signal } = new AbortController();
  const [closed, exited] = [await startFaulty({ signal }), await startFaulty({ signal })];
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  await closed.close();
  await exited.request("exit", { code: 0 }).catch(() => undefined);
  await exited.closed;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("20 channels with one signal add one listener to it and to nothing else that is shared, and warn of nothing", async () => {
  const nothingLeft = expectNothingLeft();
  const warnings: unknown[] = [];
  const onWarning = (warning: unknown): void => void warnings.push(warning);
  process.on("warning", onWarning);
  const controller = new AbortController();
  const channels = await Promise.all(Array.from({ length: 20 }, () => startFaulty({ signal: controller.signal })));
  await Promise.all(channels.map((channel) => channel.request<number>("echo", { value: 1 })));
  controller.abort();
  await Promise.all(channels.map((channel) => channel.closed));
  await Promise.all(channels.map((channel) => channel.close()));
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  await nothingLeft();
});

test("a signal that ends 10,000 requests on two channels at once tells each, and keeps no listener", async () => {
  const nothingLeft = expectNothingLeft();
  const controller = new AbortController();
  const channels = [await startFaulty(), await startFaulty()];
  const calls = channels.flatMap((channel) =>
    Array.from({ length: 5_000 }, () => channel.request("never", {}, { signal: controller.signal })),
  );
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  const reason = new Error("enough");
  controller.abort(reason);
  const results = await Promise.allSettled(calls);
  expect(results.every((result) => result.status === "rejected" && result.reason === reason)).toBe(true);
  for (const channel of channels) {
    expect(channel.stats()).toMatchObject({ inFlight: 0, cancelled: 5_000 });
    expect(await channel.request<number>("echo", { value: 1 })).toBe(1);
    await channel.close();
  }
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  await nothingLeft();
});
