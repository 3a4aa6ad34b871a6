import type { Channel, StdioChannelOptions } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { faultyPrograms } from "../support/faulty-programs.js";
import { startFaulty } from "../support/faulty-worker.js";
import { named } from "../support/named.js";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { isAlive, rejectionOf } from "../support/wait-for.js";

expectNoTrouble();

describe.skipIf(process.platform === "win32").each(named(faultyPrograms))(
  "a worker in %s that stops reading",
  (_, program) => {
    const text = "x".repeat(100_000);

    async function startDeaf(options: StdioChannelOptions): Promise<Channel> {
      const channel = await startFaulty({ ...options, limits: { maxQueuedBytes: 1_000_000 } }, program);
      expect(await channel.request<string>("stopReading", {}, { timeout: 0 })).toBe("stopped");
      return channel;
    }

    test("makes requests fail with OVERLOADED when the queue is full, and the others at their timeout", async () => {
      const nothingLeft = expectNothingLeft();
      const channel = await startDeaf({ timeout: 100 });
      const calls = Array.from({ length: 100 }, () => rejectionOf(channel.request("echo", { text })));
      const errors = (await Promise.all(calls)) as { readonly code: string; readonly delivery: string }[];
      const refused = errors.filter(({ code }) => code === "OVERLOADED");
      expect(refused.every(({ delivery }) => delivery === "not-sent")).toBe(true);
      expect(refused.length).toBeGreaterThan(80);
      expect(errors.filter(({ code }) => code === "TIMEOUT").length).toBe(100 - refused.length);
      expect(channel.stats()).toMatchObject({ inFlight: 0 });
      expect(channel.stats().queuedBytes).toBeLessThan(1_300_000);
      await channel.close();
      await nothingLeft();
    });

    test("makes requests that wait for room fail at their timeout, as not sent", async () => {
      const nothingLeft = expectNothingLeft();
      const channel = await startDeaf({ timeout: 100, whenFull: "wait" });
      const calls = Array.from({ length: 100 }, () => rejectionOf(channel.request("echo", { text })));
      const errors = (await Promise.all(calls)) as { readonly code: string; readonly delivery: string }[];
      expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["TIMEOUT"]));
      expect(errors.filter(({ delivery }) => delivery === "not-sent").length).toBeGreaterThan(80);
      expect(channel.stats().inFlight).toBe(0);
      await channel.close();
      expect(isAlive(channel.pid!)).toBe(false);
      await nothingLeft();
    });

    test("and has closed its stdin ends the channel", async () => {
      const nothingLeft = expectNothingLeft();
      const channel = await startFaulty({}, program);
      expect(await channel.request<string>("closeStdin")).toBe("closed");
      const calls = Array.from({ length: 20 }, () => rejectionOf(channel.request("echo", { text })));
      for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: "CHANNEL_CLOSED" });
      expect(channel.stats().inFlight).toBe(0);
      await channel.close();
      expect(isAlive(channel.pid!)).toBe(false);
      await nothingLeft();
    });
  },
);
