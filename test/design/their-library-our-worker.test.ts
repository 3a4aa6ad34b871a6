import { createStdioChannel } from "procwire-transport-published";
import { expect, onTestFinished, test } from "vitest";
import { rustWorker } from "../support/paths.js";
import { waitFor } from "../support/wait-for.js";
import { exampleCalls, exampleLog } from "./support.js";

async function start(): Promise<Awaited<ReturnType<typeof createStdioChannel>>> {
  const channel = await createStdioChannel(rustWorker, { timeout: 10_000 });
  onTestFinished(async () => {
    await channel.close().catch(() => undefined);
  });
  return channel;
}

test("the design's library drives our Rust worker through the design's example", async () => {
  const channel = await start();
  const log: string[] = [];
  channel.onNotification((notification: unknown) => {
    const { method, params } = notification as { method: string; params: { message: string } };
    if (method === "log") log.push(params.message);
  });
  for (const [method, params, result] of [...exampleCalls, ["fibonacci", { n: 40 }, 102334155]] as const) {
    expect(await channel.request(method, params), method).toEqual(result);
  }
  await channel.notify("shutdown", {});
  await waitFor(() => log.at(-1) === "Shutting down...");
  expect(log).toEqual([...exampleLog.slice(0, -1), "Processed fibonacci", "Shutting down..."]);
});

test("an unknown method and missing parameters are errors there too", async () => {
  const channel = await start();
  const unknown = { code: -32601, message: "Method not found: nothing" };
  await expect(channel.request("nothing", {})).rejects.toMatchObject({ cause: unknown });
  await expect(channel.request("add", { a: 1 })).rejects.toMatchObject({ cause: { code: -32602 } });
  expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
});

test("calls at the same time are answered by their own results", async () => {
  const channel = await start();
  const calls = Array.from({ length: 200 }, (_, n) => channel.request("multiply", { a: n, b: n }));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 200 }, (_, n) => n * n));
});
