import { ChannelError, createStdioChannel, type Channel } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { rejectionOf } from "../support/wait-for.js";

describe("a worker that exits", () => {
  test.each([0, 1, 42, 255])("with code %i rejects what waits with that code", async (code) => {
    const channel = await startFaulty();
    const others = [1, 2, 3].map(() => rejectionOf(channel.request("never")));
    const calls = [...others, rejectionOf(channel.request("exit", { code }))];
    for (const error of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(ChannelError);
      expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: code, signal: null, delivery: "unknown" });
    }
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: code });
    const late = { code: "WORKER_EXITED", exitCode: code, delivery: "not-sent", method: "late" };
    expect(await rejectionOf(channel.request("late"))).toMatchObject(late);
  });

  test.skipIf(process.platform === "win32").each(["SIGTERM", "SIGKILL", "SIGSEGV", "SIGABRT"])(
    "by %s rejects what waits with that signal",
    async (signal) => {
      const channel = await startFaulty();
      const error = await rejectionOf(channel.request("kill", { signal }));
      expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: null, signal });
      expect((error as Error).message).toContain(signal);
    },
  );

  test("tells what it last wrote to stderr, and no more than the limit", async () => {
    const channel = await startFaulty({ limits: { stderrTailBytes: 20 } });
    await channel.request("warn", { text: `${"x".repeat(1000)}\nlast line\n` });
    const error = (await rejectionOf(channel.request("exit", { code: 3 }))) as ChannelError;
    expect(error.stderr).toBe("xxxxxxxxx\nlast line\n");
    expect(error.message).toContain("last line");
  });

  test("in the middle of a message tells how much is lost", async () => {
    const errors: unknown[] = [];
    const channel = await startFaulty({ onError: (error) => errors.push(error) });
    expect(await rejectionOf(channel.request("halfThenExit"))).toMatchObject({ code: "WORKER_EXITED", exitCode: 0 });
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
  });

  test("after close() has been called is no failure", async () => {
    const channel = await startFaulty();
    const call = rejectionOf(channel.request("never"));
    await channel.close();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  });
});

describe("an answer followed by the exit is not lost", () => {
  const value = "x".repeat(100_000);

  async function expectAnswer(start: () => Promise<Channel>): Promise<void> {
    const channel = await start();
    expect((await channel.request<string>("replyThenExit", { value, code: 5 })) === value).toBe(true);
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 5 });
  }

  // A shell starts ten times as fast as Node.
  const program = `read -r line
    printf '{"jsonrpc":"2.0","id":1,"result":"'; head -c 100000 /dev/zero | tr '\\0' x; printf '"}\\n'
    exit 5`;
  const startShell = (): Promise<Channel> => createStdioChannel("sh", { args: ["-c", program], stderr: "ignore" });

  test.skipIf(process.platform === "win32")("by a shell script, a hundred times", async () => {
    for (let round = 0; round < 20; round++) {
      await Promise.all([1, 2, 3, 4, 5].map(() => expectAnswer(startShell)));
    }
  });

  test("by a Node worker, ten times", async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all([1, 2].map(() => expectAnswer(startFaulty)));
    }
  });
});

test("kill -9 with 1,000 requests in flight rejects all of them within 100 ms, and the parent lives", async () => {
  const attempt = async (): Promise<number> => {
    const channel = await startFaulty();
    expect(await channel.request<number>("echo", { value: 1 })).toBe(1);
    const calls = Array.from({ length: 1000 }, () => rejectionOf(channel.request("never")));
    await channel.request("echo", { value: 2 });
    const killed = performance.now();
    process.kill(channel.pid!, "SIGKILL");
    const errors = await Promise.all(calls);
    const took = performance.now() - killed;
    for (const error of errors)
      expect(error).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL", exitCode: null });
    console.log(`kill -9: 1,000 requests rejected after ${took.toFixed(1)} ms`);
    return took;
  };
  const first = await attempt();
  expect(first < 100 ? first : await attempt()).toBeLessThan(100);
});
