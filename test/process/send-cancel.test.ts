// Workers that die of $/cancelRequest need not be sent any.

import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { fixture } from "../support/paths.js";
import { rejectionOf } from "../support/wait-for.js";

async function start(options: StdioChannelOptions): Promise<Channel> {
  const channel = await createStdioChannel(process.execPath, {
    args: [fixture("cancel-averse-worker.mjs")],
    stderr: "ignore",
    shutdown: { notify: false },
    ...options,
  });
  onTestFinished(() => channel.close());
  expect(await channel.request("hello")).toBe("hello");
  return channel;
}

test("a worker that takes every line for a request dies of a cancel", async () => {
  const channel = await start({});
  expect(await rejectionOf(channel.request("slow", { ms: 60_000 }, { timeout: 20 }))).toMatchObject({
    code: "TIMEOUT",
  });
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 1 });
});

test("with sendCancel false it lives on, after a timeout and an abort; late answers are dropped", async () => {
  const channel = await start({ sendCancel: false });
  expect(await rejectionOf(channel.request("slow", { ms: 50 }, { timeout: 20 }))).toMatchObject({ code: "TIMEOUT" });
  const signal = AbortSignal.timeout(20);
  expect(await rejectionOf(channel.request("slow", { ms: 50 }, { signal }))).toBe(signal.reason);
  expect(await channel.request("later", { ms: 100 })).toBe("later");
  expect(channel.stats()).toMatchObject({ answersIgnored: 2, timedOut: 1, cancelled: 1, inFlight: 0 });
  await channel.close();
  expect((await channel.closed).code).toBe("CHANNEL_CLOSED");
});
