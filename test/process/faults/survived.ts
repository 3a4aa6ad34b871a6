import type { ChannelError } from "@procwire/transport";
import { expect } from "vitest";
import { rejectionOf, waitFor } from "../../support/wait-for.js";
import { expectAlive, type Fault } from "./fault.js";

/** Faults that a worker lives on after. */
export const survived: readonly Fault[] = [
  {
    name: "never answers",
    act: async (channel) => {
      const call = rejectionOf(channel.request("never", {}, { timeout: 30 }));
      expect(await call).toMatchObject({ code: "TIMEOUT", delivery: "unknown", method: "never" });
    },
  },
  {
    name: "answers when nobody waits any more",
    act: async (channel) => {
      await expectAlive(channel);
      const call = rejectionOf(channel.request("later", { value: 1, ms: 60 }, { timeout: 20 }));
      expect(await call).toMatchObject({ code: "TIMEOUT" });
      await waitFor(() => channel.stats().answersIgnored === 1);
    },
  },
  {
    name: "answers after the request was cancelled",
    act: async (channel) => {
      await expectAlive(channel);
      const controller = new AbortController();
      const call = rejectionOf(channel.request("later", { value: 1, ms: 30 }, { signal: controller.signal }));
      controller.abort("enough");
      expect(await call).toBe("enough");
      await waitFor(() => channel.stats().answersIgnored === 1);
    },
  },
  {
    name: "answers twice",
    act: async (channel) => {
      expect(await channel.request<string>("replyTwice")).toBe("first");
      await waitFor(() => channel.stats().answersIgnored === 1);
    },
  },
  {
    name: "answers what nobody asked",
    act: async (channel) => {
      expect(await channel.request<string>("answerUnknown")).toBe("known");
      expect(channel.stats().answersIgnored).toBe(1);
    },
  },
  {
    name: "answers another request than it was asked",
    act: async (channel) => {
      const forged = channel.request<string>("later", { value: "true", ms: 20 });
      expect(await channel.request<string>("forge", { forgedId: 1 })).toBe("honest");
      // Whoever owns stdout can answer anything; it is settled once all the same.
      expect(await forged).toBe("forged");
      await waitFor(() => channel.stats().answersIgnored === 1);
    },
  },
  {
    name: "complains about a message without saying which",
    act: async (channel, { errors }) => {
      expect(await channel.request<string>("complain")).toBe("still here");
      expect(errors).toMatchObject([{ code: -32700 }]);
    },
  },
  {
    name: "writes garbage between its messages",
    act: async (channel, { noise }) => {
      expect(await channel.request<string>("garbage")).toBe("after garbage");
      expect(noise).toHaveLength(4);
    },
  },
  {
    name: "prints without a newline before an answer",
    act: async (channel, { noise }) => {
      expect(await channel.request<string>("print", { text: "Loading 100 % " })).toBe("printed");
      expect(noise.map((text) => text.trim())).toEqual(["Loading 100 %"]);
    },
  },
  {
    name: "sends a frame above the limit",
    options: { limits: { maxMessageBytes: 100_000 } },
    act: async (channel) => {
      const call = rejectionOf(channel.request("large", { bytes: 3_000_000 }));
      expect(await call).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "large", delivery: "unknown" });
    },
  },
  {
    name: "floods its stderr",
    act: async (channel) => {
      expect(await channel.request<string>("floodStderr", { bytes: 5_000_000 })).toBe("flooded");
    },
  },
  {
    name: "is stopped for a while",
    act: async (channel) => {
      await expectAlive(channel);
      process.kill(channel.pid!, "SIGSTOP");
      const call = rejectionOf(channel.request("echo", { value: 1 }, { timeout: 30 }));
      expect(await call).toMatchObject({ code: "TIMEOUT" });
      process.kill(channel.pid!, "SIGCONT");
      await waitFor(() => channel.stats().answersIgnored === 1);
    },
  },
  {
    name: "is stopped while its pipe is full and requests wait for room",
    options: { whenFull: "wait", limits: { maxQueuedBytes: 1_000_000 } },
    act: async (channel) => {
      await expectAlive(channel);
      process.kill(channel.pid!, "SIGSTOP");
      const params = { value: 1, text: "x".repeat(100_000) };
      const calls = Array.from({ length: 40 }, () => rejectionOf(channel.request("echo", params, { timeout: 50 })));
      const errors = (await Promise.all(calls)) as ChannelError[];
      expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["TIMEOUT"]));
      // Those that were sent are executed when it goes on, the others never: the execution log is compared at the end.
      const sent = errors.filter(({ delivery }) => delivery === "unknown").length;
      expect(sent).toBeGreaterThan(5);
      expect(sent).toBeLessThan(35);
      process.kill(channel.pid!, "SIGCONT");
      await waitFor(() => channel.stats().answersIgnored === sent);
    },
  },
  {
    name: "panics in a thread beside the one that serves",
    cannot: { Node: "what a thread does not catch ends the process" },
    act: async (channel) => {
      expect(await rejectionOf(channel.request("crashAside", {}, { timeout: 30 }))).toMatchObject({ code: "TIMEOUT" });
    },
  },
];
