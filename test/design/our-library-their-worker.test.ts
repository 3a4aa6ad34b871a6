import { createStdioChannel, type Channel, type ShutdownOptions } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { fixture } from "../support/paths.js";
import { isAlive, rejectionOf } from "../support/wait-for.js";
import { exampleCalls, exampleLog } from "./support.js";

async function start(shutdown: ShutdownOptions = {}): Promise<{ channel: Channel; log: string[] }> {
  const args = [fixture("design-worker.mjs")];
  const channel = await createStdioChannel(process.execPath, { args, shutdown, timeout: 10_000 });
  onTestFinished(async () => {
    await channel.close();
  });
  const log: string[] = [];
  channel.onNotification("log", (params: { message: string }) => log.push(params.message));
  return { channel, log };
}

test("our library drives the design's worker through the design's example", async () => {
  const { channel, log } = await start();
  for (const [method, params, result] of exampleCalls) {
    expect(await channel.request<unknown>(method, params), method).toEqual(result);
  }
  await channel.notify("shutdown", {});
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 0 });
  expect(log).toEqual(exampleLog);
});

test("an unknown method is an error", async () => {
  const { channel } = await start();
  const expected = { code: -32601, message: "Method not found: nothing" };
  expect(await rejectionOf(channel.request("nothing"))).toMatchObject(expected);
});

test("its silent answers to bad parameters arrive as they are", async () => {
  const { channel } = await start();
  expect(await channel.request<number>("add", { a: 1 })).toBe(1);
  expect(await channel.request<number>("add")).toBe(0);
  expect(await channel.request<string>("echo", { message: 7 })).toBe("");
  expect(await channel.request<number>("sum_array", { numbers: [1, "2", 3.5, 4] })).toBe(5);
});

test("close() ends it by the notification that it knows, before any signal", async () => {
  const { channel } = await start({ graceMs: 60_000 });
  await channel.request("add", { a: 1, b: 2 });
  await channel.close();
  expect(isAlive(channel.pid!)).toBe(false);
});

test("a notification that it does not know is logged, and it works on", async () => {
  const { channel, log } = await start();
  await channel.notify("unheard", {});
  expect(await channel.request<number>("multiply", { a: 6, b: 7 })).toBe(42);
  expect(log).toContain("Unknown notification: unheard");
});
