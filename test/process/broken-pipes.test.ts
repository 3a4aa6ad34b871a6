import { createStdioChannel, type Channel, type ShutdownOptions } from "@procwire/transport";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

/** Fails the test when anything reaches the process that should have been caught. */
function watchProcess(): () => void {
  const onTrouble = vi.fn();
  process.on("uncaughtException", onTrouble).on("unhandledRejection", onTrouble);
  onTestFinished(() => void process.off("uncaughtException", onTrouble).off("unhandledRejection", onTrouble));
  return () => expect(onTrouble.mock.calls).toEqual([]);
}

describe("a worker that lives on", () => {
  test("after it closed its stdin ends the channel; nothing is uncaught", async () => {
    const expectNoTrouble = watchProcess();
    const channel = await startFaulty();
    expect(await channel.request<string>("closeStdin")).toBe("closed");
    // Until the end of the other side's pipe has been noticed, writing works.
    const failures: unknown[] = [];
    const call = channel.request("never").catch((error: unknown) => failures.push(error));
    await waitFor(() => {
      channel.notify("anything").catch(() => undefined);
      return failures.length > 0;
    });
    await call;
    expect(failures).toMatchObject([{ code: "CHANNEL_CLOSED", method: "never" }]);
    expect((await channel.closed).message).toContain("stdin");
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
    expectNoTrouble();
  });

  test("after it closed its stdout ends the channel", async () => {
    const channel = await startFaulty();
    const error = await rejectionOf(channel.request("closeStdout"));
    expect(error).toMatchObject({ code: "CHANNEL_CLOSED", method: "closeStdout" });
    expect((await channel.closed).message).toContain("stdout");
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
  });
});

describe.skipIf(process.platform === "win32")("a worker that closes its stdout and takes its time to exit", () => {
  function startSlow(seconds: number, shutdown: ShutdownOptions = {}): Promise<Channel> {
    const script = `exec >&-; sleep ${seconds}; echo "last words" >&2; exit 4`;
    return createStdioChannel("sh", { args: ["-c", script], stderr: "ignore", shutdown });
  }

  test("is told by its exit, as long as that is not for ever", async () => {
    const channel = await startSlow(0.4);
    const error = await rejectionOf(channel.request("m"));
    expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: 4, stderr: "last words\n", method: "m" });
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 4 });
  });

  test("is not waited for longer than it gets to exit when it is told to", async () => {
    const channel = await startSlow(30, { graceMs: 20 });
    const timeout = rejectionOf(channel.request("m", {}, { timeout: 5 }));
    const call = rejectionOf(channel.request("m"));
    expect(await timeout).toMatchObject({ code: "TIMEOUT" });
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED", message: expect.stringContaining("20 ms") as string });
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
  });
});

describe.skipIf(process.platform === "win32")("a grandchild that holds the worker's stdout", () => {
  test("delays neither the news of the exit nor close()", async () => {
    const channel = await startFaulty();
    const grandchild = await channel.request<number>("leaveGrandchild");
    onTestFinished(() => void process.kill(grandchild, "SIGKILL"));
    const error = await rejectionOf(channel.request("exit", { code: 4 }));
    expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: 4 });
    await channel.close();
    expect(isAlive(grandchild)).toBe(true);
  });

  test("does not hold back close() of a worker that lives", async () => {
    const channel = await startFaulty();
    const grandchild = await channel.request<number>("leaveGrandchild");
    onTestFinished(() => void process.kill(grandchild, "SIGKILL"));
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
    expect(isAlive(grandchild)).toBe(true);
  });
});

describe("what a worker writes to stderr", () => {
  test("can be 50 MB while it answers", async () => {
    const channel = await startFaulty();
    const before = process.memoryUsage().rss;
    expect(await channel.request<string>("floodStderr", { bytes: 50_000_000 })).toBe("flooded");
    expect(await channel.request<number>("echo", { value: 1 })).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test("comes line by line to a function: split anywhere, CR LF, the last one without its end", async () => {
    const lines: string[] = [];
    const channel = await startFaulty({ stderr: (line) => lines.push(line) });
    for (const text of ["one\ntw", "o\r\n", "\n", "žlu", "ťou\nlast"]) await channel.request("warn", { text });
    await rejectionOf(channel.request("exit", { code: 0 }));
    await waitFor(() => lines.length === 5);
    expect(lines).toEqual(["one", "two", "", "žluťou", "last"]);
  });

  test("goes to a function that throws: reported, and the worker lives", async () => {
    const errors: unknown[] = [];
    const stderr = (): never => {
      throw new Error("boom");
    };
    const channel = await startFaulty({ stderr, onError: (error) => errors.push(error) });
    await channel.request("warn", { text: "x\n" });
    await waitFor(() => errors.length === 1);
    expect(errors).toMatchObject([{ message: "boom" }]);
    expect(await channel.request<number>("echo", { value: 1 })).toBe(1);
  });

  test.each([
    ["inherit", 1],
    ["ignore", 0],
  ] as const)("with %s reaches this process's stderr %i times", async (stderr, times) => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const channel = await startFaulty({ stderr });
    await channel.request("warn", { text: "procwire-marker\n" });
    const error = (await rejectionOf(channel.request("exit", { code: 1 }))) as { readonly stderr: string };
    const seen = write.mock.calls.filter(([chunk]) => Buffer.from(chunk).toString().includes("procwire-marker"));
    write.mockRestore();
    expect(seen).toHaveLength(times);
    expect(error.stderr).toContain("procwire-marker");
  });
});

describe("what a worker prints to stdout", () => {
  test("between messages is handed on, and the answer is found", async () => {
    const noise: string[] = [];
    const channel = await startFaulty({ onNoise: (text) => noise.push(text) });
    expect(await channel.request<string>("print", { text: "Hello\n\n{oops\n" })).toBe("printed");
    expect(noise).toEqual(["Hello", "{oops"]);
  });

  test("without end is cut off by the noise budget, and the worker is ended", async () => {
    const channel = await startFaulty({ limits: { maxNoiseBytesPerMinute: 1000 }, onNoise: () => undefined });
    const call = rejectionOf(channel.request("print", { text: "spam\n".repeat(10_000) }));
    expect(await call).toMatchObject({ code: "FRAME_MALFORMED" });
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
  });

  test.each(["replyTwice", "answerUnknown"])("an answer too many (%s) is dropped", async (method) => {
    const channel = await startFaulty();
    expect(await channel.request<string>(method)).toBe(method === "replyTwice" ? "first" : "known");
    expect(await channel.request<number>("echo", { value: 2 })).toBe(2);
  });
});

describe("a program that is no worker", () => {
  test.skipIf(process.platform === "win32")(
    "and echoes what it reads does not make the channel talk to itself",
    async () => {
      const channel = await createStdioChannel("cat", { stderr: "ignore", onError: () => undefined });
      onTestFinished(() => channel.close());
      // Our own request comes back, is unknown here, and the refusal comes back as the answer.
      expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: -32601 });
      await channel.close();
      expect(isAlive(channel.pid!)).toBe(false);
    },
  );

  test.skipIf(process.platform === "win32")("and prints without end is stopped by the noise budget", async () => {
    const channel = await createStdioChannel("yes", {
      limits: { maxNoiseBytesPerMinute: 10_000 },
      onNoise: () => undefined,
      shutdown: { graceMs: 50 },
    });
    onTestFinished(() => channel.close());
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: "FRAME_MALFORMED" });
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
  });
});
