// Each fault that a worker can have, on command: what the caller sees, and that nothing is left of it. Details of some
// of them are in the files beside this one.

import {
  ContentLengthFraming,
  LengthPrefixedFraming,
  type Channel,
  type Framing,
  type StdioChannelOptions,
} from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

expectNoTrouble();

interface Fault {
  readonly name: string;
  readonly options?: StdioChannelOptions;
  /** What the caller does, and what it must see. `errors` gets what belongs to no request. */
  act(channel: Channel, errors: unknown[], noise: string[]): Promise<void>;
}

function named<Case extends { readonly name: string }>(cases: readonly Case[]): [string, Case][] {
  return cases.map((one) => [one.name, one]);
}

async function expectAlive(channel: Channel): Promise<void> {
  expect(await channel.request<number>("echo", { value: 7 }, { timeout: 0 })).toBe(7);
}

async function expectExit(call: Promise<unknown>, how: object): Promise<void> {
  expect(await rejectionOf(call)).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown", ...how });
}

const ended: readonly Fault[] = [
  {
    name: "exits before it reads a request",
    options: { args: ["--exit-at-once"] },
    act: (channel) => expectExit(channel.request("echo"), { exitCode: 9, signal: null }),
  },
  {
    name: "exits in the middle of a request",
    act: (channel) => expectExit(channel.request("exit", { code: 3 }), { exitCode: 3, signal: null }),
  },
  ...["SIGKILL", "SIGSEGV", "SIGABRT", "SIGTERM"].map((signal) => ({
    name: `is ended by ${signal} in the middle of a request`,
    act: (channel: Channel) => expectExit(channel.request("kill", { signal }), { exitCode: null, signal }),
  })),
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
    act: async (channel, errors) => {
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

const survived: readonly Fault[] = [
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
    act: async (channel, errors) => {
      expect(await channel.request<string>("complain")).toBe("still here");
      expect(errors).toMatchObject([{ code: -32700 }]);
    },
  },
  {
    name: "writes garbage between its messages",
    act: async (channel, _errors, noise) => {
      expect(await channel.request<string>("garbage")).toBe("after garbage");
      expect(noise).toHaveLength(4);
    },
  },
  {
    name: "prints without a newline before an answer",
    act: async (channel, _errors, noise) => {
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
];

const unresponsive: readonly Fault[] = [
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

/** Runs one fault: what the caller sees, then the end of the worker, then that nothing is left. */
async function expectHandled(fault: Fault, afterwards: (channel: Channel) => Promise<void>): Promise<void> {
  const nothingLeft = expectNothingLeft();
  const errors: unknown[] = [];
  const noise: string[] = [];
  const channel = await startFaulty({
    onError: (error) => errors.push(error),
    onNoise: (text) => noise.push(text),
    ...fault.options,
  });
  await fault.act(channel, errors, noise);
  await afterwards(channel);
  expect(channel.stats().inFlight).toBe(0);
  await channel.close();
  expect(isAlive(channel.pid!)).toBe(false);
  await nothingLeft();
}

describe.skipIf(process.platform === "win32")("a worker that", () => {
  test.each(named(ended))("%s", (_, fault) =>
    expectHandled(fault, async (channel) => {
      expect(await rejectionOf(channel.request("late"))).toMatchObject({ delivery: "not-sent" });
    }),
  );

  test.each(named(survived))("%s serves on", (_, fault) => expectHandled(fault, expectAlive));

  test.each(named(unresponsive))("%s is ended by close()", (_, fault) => expectHandled(fault, () => Promise.resolve()));
});

describe.skipIf(process.platform === "win32")("a worker that stops reading", () => {
  const text = "x".repeat(100_000);

  async function startDeaf(options: StdioChannelOptions): Promise<Channel> {
    const channel = await startFaulty({ ...options, limits: { maxQueuedBytes: 1_000_000 } });
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
    const channel = await startFaulty();
    expect(await channel.request<string>("closeStdin")).toBe("closed");
    const calls = Array.from({ length: 20 }, () => rejectionOf(channel.request("echo", { text })));
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(channel.stats().inFlight).toBe(0);
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
    await nothingLeft();
  });
});

describe("a worker that lies about a length", () => {
  const answer = Buffer.from('{"jsonrpc":"2.0","id":1,"result":"x"}');
  const hex = (...parts: readonly (string | Buffer)[]): string =>
    Buffer.concat(parts.map((part) => Buffer.from(part as Buffer))).toString("hex");
  const u32 = (n: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(n);
    return bytes;
  };
  const length = new LengthPrefixedFraming();
  const header = new ContentLengthFraming();

  interface Lie {
    readonly name: string;
    readonly framing: Framing;
    readonly bytes: string;
  }

  /** What the request fails with, and what is told of frames that belong to no request. */
  async function expectFailure({ framing, bytes }: Lie, code: string, told: readonly string[]): Promise<void> {
    const nothingLeft = expectNothingLeft();
    const errors: { readonly code: string }[] = [];
    const ready: string[] = [];
    const channel = await startFaulty({
      framing,
      args: [`--lie=${bytes}`],
      timeout: 150,
      stderr: (line) => ready.push(line),
      onError: (error) => errors.push(error as { readonly code: string }),
    });
    await waitFor(() => ready.length > 0);
    expect(await rejectionOf(channel.request("echo", { value: 1 }))).toMatchObject({ code });
    expect(channel.stats().inFlight).toBe(0);
    await channel.close();
    expect(errors.map((error) => error.code)).toEqual(told);
    expect(isAlive(channel.pid!)).toBe(false);
    await nothingLeft();
  }

  test.each(
    named<Lie>([
      { name: "above the limit", framing: header, bytes: hex("Content-Length: 99999999999\r\n\r\n", answer) },
      { name: "below zero", framing: header, bytes: hex("Content-Length: -5\r\n\r\n", answer) },
      { name: "that is none", framing: header, bytes: hex("Content-Length: 1e1\r\n\r\n", answer) },
      { name: "twice", framing: header, bytes: hex("Content-Length: 37\r\nContent-Length: 5\r\n\r\n", answer) },
    ]),
  )("in a header, %s: ends the channel", (_, lie) => expectFailure(lie, "FRAME_MALFORMED", []));

  test.each(
    named<Lie>([
      { name: "a header, too short", framing: header, bytes: hex("Content-Length: 5\r\n\r\n", answer) },
      { name: "a prefix, too short", framing: length, bytes: hex(u32(5), answer, answer) },
    ]),
  )("in %s: the broken frame is told, the request times out", (_, lie) =>
    expectFailure(lie, "TIMEOUT", ["MESSAGE_MALFORMED"]),
  );

  test.each(
    named<Lie>([
      { name: "a header, too long", framing: header, bytes: hex("Content-Length: 100\r\n\r\n", answer) },
      { name: "a prefix, too long", framing: length, bytes: hex(u32(100), answer) },
      { name: "a prefix, above the limit", framing: length, bytes: hex(u32(0xffff_ffff), answer) },
    ]),
  )("in %s: the rest of the frame is waited for, the request times out", (_, lie) => expectFailure(lie, "TIMEOUT", []));
});

test("a program that crashes at each start is told each time, and leaves nothing", async () => {
  const nothingLeft = expectNothingLeft();
  for (let round = 0; round < 10; round++) {
    const channel = await startFaulty({ args: ["--exit-at-once"] });
    await expectExit(channel.request("echo", { value: 1 }), { exitCode: 9 });
    await channel.close();
  }
  await nothingLeft();
});

test.skipIf(process.platform === "win32")(
  "a grandchild that holds the worker's stdout holds nothing of ours",
  async () => {
    const nothingLeft = expectNothingLeft();
    const channel = await startFaulty();
    const grandchild = await channel.request<number>("leaveGrandchild");
    await expectExit(channel.request("exit", { code: 4 }), { exitCode: 4 });
    await channel.close();
    expect(isAlive(grandchild)).toBe(true);
    await nothingLeft();
    process.kill(grandchild, "SIGKILL");
  },
);
