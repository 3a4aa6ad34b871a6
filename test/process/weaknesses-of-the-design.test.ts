// What the design's own library got wrong with a real worker; `research/seed-systems.md` counts them W1 to W13.

import { RpcError } from "@procwire/transport";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

test("W1: a worker may write more than 10 MiB over its lifetime, to stdout and to stderr", async () => {
  const channel = await startFaulty();
  const value = "x".repeat(1024 * 1024);
  for (let round = 0; round < 16; round++) {
    expect((await channel.request<string>("echo", { value })) === value).toBe(true);
    await channel.request("floodStderr", { bytes: 256 * 1024 });
  }
});

test("W2: the death of a worker rejects its requests at once, not at their timeout", async () => {
  const channel = await startFaulty({ timeout: 1_000_000 });
  const calls = [rejectionOf(channel.request("never")), rejectionOf(channel.request("exit", { code: 3 }))];
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: 3 });
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED" });
});

describe("nothing reaches the process", () => {
  test.each([
    ["W3: when a worker dies while much is being written to it", { text: "x".repeat(2_000_000) }],
    ["W4: when a value can't be encoded", { n: 1n }],
  ])("%s", async (_, params) => {
    const onTrouble = vi.fn();
    process.on("uncaughtException", onTrouble).on("unhandledRejection", onTrouble);
    onTestFinished(() => void process.off("uncaughtException", onTrouble).off("unhandledRejection", onTrouble));
    const channel = await startFaulty({ timeout: 20 });
    await channel.request("echo", { value: 1 }, { timeout: 0 });
    process.kill(channel.pid!, "SIGKILL");
    const calls = [1, 2, 3].map(() => rejectionOf(channel.request("never", params)));
    void channel.notify("never", params);
    await Promise.all(calls);
    await channel.closed;
    expect(await rejectionOf(channel.request("after"))).toMatchObject({ code: "WORKER_EXITED" });
    expect(onTrouble.mock.calls).toEqual([]);
  });
});

test("W5: a worker that ignores SIGTERM is killed by close()", async () => {
  const channel = await startFaulty({ args: ["--deaf", "--stubborn"], shutdown: { graceMs: 50, termMs: 50 } });
  await channel.request("echo", { value: 1 });
  await channel.close();
  expect(isAlive(channel.pid!)).toBe(false);
});

test("W6: close() leaves no timer", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const channel = await startFaulty({ timeout: 60_000, shutdown: { graceMs: 60_000, termMs: 60_000 } });
  channel.request("never").catch(() => undefined);
  await channel.close();
  await waitFor(() => timers() <= before, 5_000);
});

test("W7: a handler that returns nothing is answered with null", async () => {
  const channel = await startFaulty();
  channel.onRequest("nothing", () => undefined);
  const message = await channel.request<object>("askParent", { method: "nothing" });
  expect(message).toMatchObject({ jsonrpc: "2.0", result: null });
});

test("W8: a timeout of Infinity, or beyond what a timer can hold, does not fire", async () => {
  const channel = await startFaulty({ timeout: Infinity });
  const calls = [Infinity, 2 ** 31, 2 ** 40].map((timeout) => channel.request("never", {}, { timeout }));
  const first = await Promise.race([
    ...calls.map((call) => rejectionOf(call)),
    rejectionOf(channel.request("never", {}, { timeout: 50 })),
  ]);
  expect(first).toMatchObject({ code: "TIMEOUT" });
  expect((first as Error).message).toContain("50 ms");
});

test("W9: a slow handler of the parent does not delay an answer in the same chunk", async () => {
  const channel = await startFaulty();
  let isRunning = false;
  channel.onRequest("slow", () => {
    isRunning = true;
    return new Promise(() => undefined);
  });
  expect(await channel.request<string>("requestAndAnswer")).toBe("at once");
  expect(isRunning).toBe(true);
});

test("W10: an error without an id is reported", async () => {
  const errors: unknown[] = [];
  const channel = await startFaulty({ onError: (error) => errors.push(error) });
  expect(await channel.request<string>("complain")).toBe("still here");
  expect(errors).toHaveLength(1);
  expect(errors[0]).toBeInstanceOf(RpcError);
  expect(errors[0]).toMatchObject({ code: -32700 });
});

test("W11: pid, exit code and stderr can be reached", async () => {
  const lines: string[] = [];
  const channel = await startFaulty({ stderr: (line) => lines.push(line) });
  expect(channel.pid).toBe(await channel.request<number>("pid"));
  await channel.request("warn", { text: "why it ended\n" });
  await rejectionOf(channel.request("exit", { code: 7 }));
  expect(await channel.closed).toMatchObject({ exitCode: 7, signal: null, stderr: "why it ended\n" });
  expect(lines).toEqual(["why it ended"]);
});

test("W12: given variables do not take the parent's away", async () => {
  const channel = await startFaulty({ env: { PROCWIRE_TEST_W12: "given" } });
  const names = ["PATH", "PROCWIRE_TEST_W12"];
  expect(await channel.request<unknown>("env", { names })).toEqual([process.env["PATH"], "given"]);
});

test("W13: early notifications go to the first handler only", async () => {
  const channel = await startFaulty();
  await channel.request("echo", { value: 1 });
  const first: unknown[] = [];
  const second: unknown[] = [];
  channel.onNotification("log", ({ message }: { message: string }) => first.push(message));
  await channel.request("echo", { value: 2 });
  channel.onNotification("log", ({ message }: { message: string }) => second.push(message));
  await channel.request("echo", { value: 3 });
  expect([first, second]).toEqual([["started", "ready"], []]);
});
