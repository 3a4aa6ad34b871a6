import { expect } from "vitest";
import { rejectionOf } from "../../support/wait-for.js";
import { expectAlive, type Fault } from "./fault.js";

/** Faults after which a worker hears nothing any more. */
export const unresponsive: readonly Fault[] = [
  {
    name: "spins",
    act: async (channel) => {
      await expectAlive(channel);
      const calls = [channel.request("spin"), channel.request("echo", { value: 1 })];
      for (const call of calls.map(rejectionOf)) expect(await call).toMatchObject({ code: "TIMEOUT" });
    },
    options: { timeout: 100 },
  },
  {
    name: "is stopped for good",
    act: async (channel) => {
      await expectAlive(channel);
      process.kill(channel.pid!, "SIGSTOP");
      const call = rejectionOf(channel.request("echo", { value: 1 }, { timeout: 30 }));
      expect(await call).toMatchObject({ code: "TIMEOUT" });
    },
  },
  {
    name: "ignores the shutdown, the end of its stdin, and SIGTERM",
    options: { args: ["--deaf", "--stubborn"] },
    act: expectAlive,
  },
  {
    name: "writes a line without end",
    options: { timeout: 300, limits: { maxMessageBytes: 100_000 } },
    act: async (channel) => {
      await expectAlive(channel);
      const before = process.memoryUsage().rss;
      // Which request the line answers can't be told, so it may be any of them.
      expect(await rejectionOf(channel.request("endless"))).toMatchObject({ code: /TIMEOUT|MESSAGE_TOO_LARGE/ });
      expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    },
  },
];
