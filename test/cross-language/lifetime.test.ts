import { createStdioChannel } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { rustWorker } from "../support/paths.js";
import { startRust } from "../support/rust-worker.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

interface Log {
  readonly message: string;
}

describe("log notifications", () => {
  test("say the start, each answered method right after its answer, and the end", async () => {
    const channel = await startRust();
    const seen: unknown[] = [];
    channel.onNotification("log", ({ message }: Log) => seen.push(message));
    for (const [method, params] of [
      ["add", { a: 1, b: 2 }],
      ["echo", { message: "x" }],
      ["fibonacci", { n: 10 }],
    ] as const) {
      seen.push(await channel.request<unknown>(method, params));
    }
    await rejectionOf(channel.request("unknown"));
    await rejectionOf(channel.request("add", {}));
    await channel.notify("shutdown", {});
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 0, signal: null });
    // An answer and its log line may come in one chunk: then the line is heard before the caller goes on.
    const answers = new Set<unknown>([3, "x", 55]);
    expect(seen.filter((item) => answers.has(item))).toEqual([3, "x", 55]);
    expect(seen.filter((item) => !answers.has(item))).toEqual([
      "Rust worker started",
      "Processed add",
      "Processed echo",
      "Processed fibonacci",
      "Shutting down...",
    ]);
  });

  test("are dropped by --quiet", async () => {
    const channel = await startRust({ args: ["--quiet"] });
    const seen: unknown[] = [];
    channel.onNotification((message: unknown) => seen.push(message));
    await channel.request("add", { a: 1, b: 2 });
    await channel.notify("shutdown");
    await channel.closed;
    expect(seen).toEqual([]);
  });
});

describe("while every thread computes", () => {
  test("ping, cancel and cheap methods are answered at once", async () => {
    const channel = await startRust({ args: ["--threads", "2", "--quiet"] });
    const controller = new AbortController();
    const { signal } = controller;
    let finished = 0;
    const busy = Array.from({ length: 6 }, () =>
      channel.request("fibonacci_recursive", { n: 45 }, { signal }).then(
        () => (finished += 1),
        (error: unknown) => error,
      ),
    );
    expect(await channel.request<unknown>("$/ping")).toBeNull();
    expect(await channel.request<number>("add", { a: 1, b: 1 })).toBe(2);
    expect(finished).toBe(0);
    controller.abort("enough");
    expect(await Promise.all(busy)).toEqual(Array(6).fill("enough"));
    // The threads are free again.
    expect(await channel.request<number>("fibonacci_recursive", { n: 20 })).toBe(6765);
  });

  test("shutdown is heard", async () => {
    const channel = await startRust({ args: ["--threads", "1", "--quiet"] });
    const call = rejectionOf(channel.request("fibonacci_recursive", { n: 60 }));
    await channel.request("$/ping");
    await channel.notify("shutdown");
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 0 });
    const error = (await call) as { readonly code: unknown };
    expect([-32800, "WORKER_EXITED"]).toContain(error.code);
  });

  test("close() ends it", async () => {
    const channel = await startRust({ args: ["--threads", "1", "--quiet"] });
    const call = rejectionOf(channel.request("fibonacci_recursive", { n: 60 }));
    await channel.request("$/ping");
    await channel.close();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(isAlive(channel.pid!)).toBe(false);
  });
});

describe("the end of the worker", () => {
  test("that a notification asked for, behind more than the pipe takes, is no failure of that notification", async () => {
    for (let round = 0; round < 10; round++) {
      const channel = await startRust({ args: ["--quiet"] });
      const message = "x".repeat(10_000);
      const calls = Array.from({ length: 60 }, () => channel.request<string>("echo", { message }));
      await channel.notify("shutdown");
      expect(new Set(await Promise.all(calls))).toEqual(new Set([message]));
      expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 0 });
    }
  });

  test("comes with the end of its stdin, with code 0, by close() without a notification", async () => {
    const channel = await startRust({ shutdown: { notify: false } });
    await channel.request("add", { a: 1, b: 1 });
    await channel.close();
    await waitFor(() => !isAlive(channel.pid!));
  });

  test("by kill -9 rejects what waits", async () => {
    const channel = await startRust({ args: ["--quiet"] });
    const call = rejectionOf(channel.request("fibonacci_recursive", { n: 60 }));
    await channel.request("$/ping");
    process.kill(channel.pid!, "SIGKILL");
    expect(await call).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL", exitCode: null });
  });

  test("comes at once for options it does not know, and stderr says so", async () => {
    const channel = await createStdioChannel(rustWorker, { args: ["--no-such-option"], stderr: "ignore" });
    const reason = await channel.closed;
    expect(reason).toMatchObject({ code: "WORKER_EXITED", exitCode: 2 });
    expect(reason.stderr).toContain("--no-such-option");
  });
});
