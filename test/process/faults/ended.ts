import type { Channel } from "@procwire/transport";
import { expect } from "vitest";
import { rejectionOf } from "../../support/wait-for.js";
import { AT_START, expectExit, type Fault } from "./fault.js";

/** Faults that are the worker's end, or the channel's. */
export const ended: readonly Fault[] = [
  {
    name: "exits before it reads a request",
    options: { args: ["--exit-at-once"] },
    act: (channel) => expectExit(channel.request("echo"), { exitCode: 9, signal: null, delivery: AT_START }),
  },
  {
    name: "exits in the middle of a request",
    act: (channel) => expectExit(channel.request("exit", { code: 3 }), { exitCode: 3, signal: null }),
  },
  ...["SIGKILL", "SIGSEGV", "SIGABRT", "SIGTERM", "SIGILL"].map((signal) => ({
    name: `is ended by ${signal} in the middle of a request`,
    act: (channel: Channel) => expectExit(channel.request("kill", { signal }), { exitCode: null, signal }),
  })),
  {
    name: "fails in a way that nobody catches",
    act: (channel, { program }) =>
      expectExit(channel.request("crash"), {
        exitCode: { Node: 1, Rust: 101 }[program.name],
        stderr: expect.stringContaining("nobody catches this") as string,
      }),
  },
  {
    name: "rejects a promise that nobody waits for",
    cannot: { Rust: "a worker on threads has no promises" },
    act: (channel) => expectExit(channel.request("rejectUnheard"), { exitCode: 1 }),
  },
  {
    name: "calls itself until its stack is full",
    // An exception in Node; in Rust the process is ended.
    act: (channel, { program }) => {
      const how = { Node: { exitCode: 1 }, Rust: { signal: "SIGABRT" } };
      return expectExit(channel.request("overflow"), how[program.name]);
    },
  },
  {
    name: "answers and exits at once",
    act: async (channel) => {
      const value = "x".repeat(1_000_000);
      expect((await channel.request<string>("replyThenExit", { value, code: 4 })) === value).toBe(true);
      expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 4 });
    },
  },
  {
    name: "exits in the middle of a frame",
    act: async (channel, { errors }) => {
      await expectExit(channel.request("halfThenExit"), { exitCode: 0 });
      expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
    },
  },
  {
    name: "closes its stdout and lives on",
    act: async (channel) => {
      expect(await rejectionOf(channel.request("closeStdout"))).toMatchObject({ code: "CHANNEL_CLOSED" });
    },
  },
  {
    name: "prints more than a worker may",
    options: { limits: { maxNoiseBytesPerMinute: 1_000 } },
    act: async (channel) => {
      const call = channel.request("print", { text: "spam\n".repeat(1_000) });
      expect(await rejectionOf(call)).toMatchObject({ code: "FRAME_MALFORMED" });
    },
  },
];
