// A parent and a worker that do not understand each other: that is said, and nobody waits for ever in silence.

import { createStdioChannel, type ChannelError, type StdioChannelOptions } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { rustWorker } from "../support/paths.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";

const PRINTS = "console.log('ready\\nlistening'); setInterval(() => 0, 1000)";

const mismatches: readonly (readonly [string, string, StdioChannelOptions, RegExp])[] = [
  [
    "a worker of another framing",
    rustWorker,
    { args: ["--quiet", "--framing", "length"] },
    /line-delimited json, as this side does\?/,
  ],
  [
    "a parent of another framing",
    rustWorker,
    { args: ["--quiet"], framing: "length", shutdown: { graceMs: 100 } },
    /length-prefixed json, as this side does\?/,
  ],
  [
    "a worker of another codec",
    rustWorker,
    { args: ["--quiet", "--framing", "length", "--codec", "msgpack"], framing: "length" },
    /Is it a worker, and does it read and write length-prefixed json/,
  ],
  [
    "a program that never says a word",
    process.execPath,
    { args: ["-e", "setInterval(() => 0, 1000); process.stdin.resume()"], shutdown: { graceMs: 50 } },
    /Nothing has ever arrived from the worker\. Is it a worker/,
  ],
  [
    "a program that prints and is no worker",
    process.execPath,
    { args: ["-e", PRINTS], shutdown: { graceMs: 50 } },
    /\d+ bytes have arrived from the worker, and no message among them\. Is it a worker/,
  ],
];

describe.each(mismatches)("%s", (_, command, options, text) => {
  const quiet: StdioChannelOptions = { stderr: "ignore", onNoise: () => undefined, ...options };

  test("TIMEOUT says so, or the end of the channel does", async () => {
    await using channel = await createStdioChannel(command, { ...quiet, onError: () => undefined });
    const error = (await rejectionOf(channel.request("add", { a: 1, b: 2 }, { timeout: 1_500 }))) as ChannelError;
    expect(["TIMEOUT", "WORKER_EXITED", "FRAME_MALFORMED"]).toContain(error.code);
    expect(error.message).toMatch(text);
  });

  test("without a timeout onError is warned, or the channel ends with it", async () => {
    const told: string[] = [];
    const onError = (error: unknown): unknown => told.push((error as Error).message);
    await using channel = await createStdioChannel(command, { ...quiet, onError, warnAfterMs: 1_000 });
    const asked = rejectionOf(channel.request("add", { a: 1, b: 2 })).then((error) =>
      told.push((error as Error).message),
    );
    await waitFor(() => told.some((message) => text.test(message)));
    await channel.close();
    await asked;
  });
});
