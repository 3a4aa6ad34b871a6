import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createStdioChannel } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { fixture, typescript } from "../support/paths.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

describe("close", () => {
  test.each([
    ["listens", []],
    ["hears neither the notification nor the end of its stdin", ["--deaf"]],
    ["ignores SIGTERM too", ["--deaf", "--stubborn"]],
  ])("ends a worker that %s, and resolves after its exit", async (_, args) => {
    const channel = await startFaulty({ args, shutdown: { graceMs: 300, termMs: 300 } });
    await channel.request("echo", { value: 1 });
    const call = rejectionOf(channel.request("never"));
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("is bounded by its steps when the worker ignores all of them", async () => {
    const channel = await startFaulty({ args: ["--deaf", "--stubborn"], shutdown: { graceMs: 100, termMs: 100 } });
    await channel.request("echo", { value: 1 });
    const start = performance.now();
    await channel.close();
    // 100 + 100 ms and the kill; the rest is for a busy machine.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(isAlive(channel.pid!)).toBe(false);
  });

  test.skipIf(process.platform === "win32").each([
    ["say more than a pipe holds before it exits", 20_000, "cat > /dev/null; head -c 1000000 /dev/zero; echo done >&2"],
    [
      "end by SIGTERM in its own way",
      10,
      "trap 'echo done >&2; exit 7' TERM; echo ready >&2; while :; do sleep 0.05; done",
    ],
  ])("lets a worker %s", async (_, graceMs, script) => {
    const lines: string[] = [];
    const channel = await createStdioChannel("sh", {
      args: ["-c", script],
      shutdown: { graceMs, termMs: 20_000 },
      stderr: (line) => lines.push(line),
    });
    if (script.includes("ready")) await waitFor(() => lines[0] === "ready");
    await channel.close();
    expect(lines.at(-1)).toBe("done");
  });

  test.skipIf(process.platform === "win32")("ends a worker that is stopped", async () => {
    const channel = await startFaulty();
    await channel.request("echo", { value: 1 });
    process.kill(channel.pid!, "SIGSTOP");
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
  });

  test("of a worker that has exited already resolves", async () => {
    const channel = await startFaulty();
    await rejectionOf(channel.request("exit", { code: 1 }));
    await channel.close();
    await channel.close();
  });

  test("lets a worker finish writing a large last answer", async () => {
    const channel = await startFaulty({ shutdown: { notify: false, graceMs: 5_000 } });
    channel.request("echo", { value: "x".repeat(5_000_000) }).catch(() => undefined);
    await channel.close();
    expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(isAlive(channel.pid!)).toBe(false);
  });
});

describe.skipIf(process.platform !== "linux")("30 starts and stops", () => {
  async function cycle(end: "close" | "exit" | "fail"): Promise<number | undefined> {
    const args = [fixture("faulty-worker.mjs")];
    if (end === "fail") {
      await rejectionOf(createStdioChannel("/no/such/program", { stderr: "ignore" }));
      return undefined;
    }
    const channel = await createStdioChannel(process.execPath, { args, stderr: "ignore", timeout: 60_000 });
    await channel.request("echo", { value: 1 });
    if (end === "exit") await rejectionOf(channel.request("exit", { code: 1 }));
    await channel.close();
    return channel.pid;
  }

  const openFiles = (): number => readdirSync("/proc/self/fd").length;
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Socket/.test(name)).length;

  test("leave no process, no open file, nothing active, and no listener behind", async () => {
    await cycle("close");
    await cycle("exit");
    const before = { files: openFiles(), handles: handles(), exit: process.listenerCount("exit") };
    const pids: (number | undefined)[] = [];
    for (let round = 0; round < 10; round++) {
      pids.push(...(await Promise.all([cycle("close"), cycle("exit"), cycle("fail")])));
    }
    await expect.poll(openFiles, { timeout: 5_000 }).toBeLessThanOrEqual(before.files);
    await expect.poll(handles, { timeout: 5_000 }).toBeLessThanOrEqual(before.handles);
    for (const pid of pids) if (pid !== undefined) expect(isAlive(pid)).toBe(false);
    expect(process.listenerCount("exit")).toBeLessThanOrEqual(before.exit);
    expect(process.listenerCount("SIGTERM") + process.listenerCount("SIGINT")).toBeLessThan(5);
  }, 60_000);
});

describe("a parent process", () => {
  interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  function runParent(how: string): Promise<Ended> {
    const child = spawn(process.execPath, typescript(fixture("parent.ts"), how, fixture("faulty-worker.mjs")));
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
  }

  test("exits by itself after close(), at once, with code 0", async () => {
    const { code, stdout, stderr } = await runParent("close");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Number(/exit ([\d.]+) ms after close/.exec(stdout)?.[1])).toBeLessThan(1_000);
  });

  test("exits by itself after its worker has died", async () => {
    const { code, stdout, stderr } = await runParent("worker dies");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("WORKER_EXITED");
  });

  test.each(["exits", "throws"])("that %s without close() takes its worker along", async (how) => {
    const { code, stdout } = await runParent(how);
    expect(code).toBe(how === "exits" ? 3 : 1);
    const pid = Number(/worker (\d+)/.exec(stdout)?.[1]);
    expect(pid).toBeGreaterThan(0);
    await waitFor(() => !isAlive(pid));
  });

  test.skipIf(process.platform === "win32")(
    "that is killed leaves a worker that sees the end of its stdin",
    async () => {
      const { code, stdout } = await runParent("is killed");
      expect(code).toBeNull();
      const pid = Number(/worker (\d+)/.exec(stdout)?.[1]);
      await waitFor(() => !isAlive(pid));
    },
  );
});
