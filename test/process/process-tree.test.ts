// What a worker has started ends with it, and with the parent, however these end.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createStdioChannel, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { fixture, typescript } from "../support/paths.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

expectNoTrouble();

async function startTree(options: StdioChannelOptions = {}): Promise<Channel> {
  const args = typescript(fixture("tree-worker.ts"));
  const channel = await createStdioChannel(process.execPath, { args, onNoise: () => undefined, ...options });
  onTestFinished(() => channel.close());
  return channel;
}

describe.skipIf(process.platform === "win32")("a grandchild", () => {
  test("is gone after close()", async () => {
    const channel = await startTree();
    const grandchild = await channel.request<number>("grandchild");
    await channel.close();
    await waitFor(() => !isAlive(grandchild));
  });

  test.each(["SIGKILL", "SIGTERM"] as const)("is gone after the worker was ended by %s", async (signal) => {
    const channel = await startTree();
    const grandchild = await channel.request<number>("grandchild");
    process.kill(channel.pid!, signal);
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED" });
    await waitFor(() => !isAlive(grandchild));
  });

  test("of a shell that ignores everything is gone after close()", async () => {
    const script = `trap "" TERM; sleep 1000 & echo $! >&2; while :; do sleep 1000; done`;
    const pids: number[] = [];
    const channel = await createStdioChannel("sh", {
      args: ["-c", script],
      stderr: (line) => pids.push(Number(line)),
      shutdown: { graceMs: 50, termMs: 50 },
    });
    await waitFor(() => pids.length === 1);
    await channel.close();
    await waitFor(() => ![channel.pid!, ...pids].some(isAlive));
  });

  test("that prints to the inherited stdout, out of reach, keeps no request of a killed worker waiting", async () => {
    const channel = await startTree();
    const chatterer = await channel.request<number>("chatterer");
    onTestFinished(() => void process.kill(chatterer, "SIGKILL"));
    const call = rejectionOf(channel.request("never"));
    const killed = performance.now();
    process.kill(channel.pid!, "SIGKILL");
    expect(await call).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL" });
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED" });
    expect(performance.now() - killed).toBeLessThan(2_000);
    await channel.close();
  });

  test("that prints by itself is no reason to wait, where it holds the only stdout of a foreign worker", async () => {
    const chatterer = 'setInterval(() => process.stdout.write("chatter\\n"), 2)';
    const channel = await createStdioChannel("sh", {
      args: ["-c", 'setsid "$0" -e "$1" & cat > /dev/null', process.execPath, chatterer],
      onNoise: () => undefined,
      stderr: "ignore",
    });
    // It ends when nobody reads it any more.
    onTestFinished(() => channel.close());
    await waitFor(() => channel.stats().noiseBytes > 0);
    process.kill(channel.pid!, "SIGKILL");
    expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL" });
  });

  test("does not hear of the group, nor does it find the variable", async () => {
    const channel = await startTree();
    expect(await channel.request<unknown>("group")).toBeNull();
  });
});

interface Tree {
  readonly pids: number[];
  readonly parent: ReturnType<typeof spawn>;
}

async function startParent(...args: string[]): Promise<Tree> {
  const parent = spawn(process.execPath, typescript(fixture("tree-parent.ts"), ...args), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  parent.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await waitFor(() => text.includes("\n"), 20_000);
  const pids = text.trim().split(" ").map(Number);
  onTestFinished(() => {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    parent.kill("SIGKILL");
  });
  return { pids, parent };
}

describe.skipIf(process.platform === "win32")("a parent that ends takes the tree along", () => {
  test.each([
    ["node", "idle"],
    ["node", "computing"],
    ["node", "blocked"],
    ["nested", "idle"],
  ])("by SIGKILL, with a worker (%s) that is %s", async (kind, state) => {
    const { parent, pids } = await startParent(kind, state);
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill("SIGKILL");
    await waitFor(() => !pids.some(isAlive));
  });

  // What it was asked before is still in the pipe when it starts.
  test.each(["idle", "computing"])("by SIGKILL, with a worker that has yet to start, and is %s then", async (state) => {
    const { parent, pids } = await startParent("late", state);
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill("SIGKILL");
    await waitFor(() => !pids.some(isAlive));
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("by %s, with a worker that hears nothing", async (signal) => {
    const { parent, pids } = await startParent("foreign", "idle");
    const ended = once(parent, "exit");
    parent.kill(signal);
    expect(await ended).toEqual([null, signal]);
    await waitFor(() => !pids.some(isAlive));
  });

  test("by process.exit, with a worker that hears nothing", async () => {
    const { pids } = await startParent("foreign", "exits");
    await waitFor(() => !pids.some(isAlive));
  });

  test("by SIGKILL, with a worker that hears nothing and a guard", async () => {
    const { parent, pids } = await startParent("foreign", "idle", "--guard");
    parent.kill("SIGKILL");
    await waitFor(() => !pids.some(isAlive));
  });
});

describe.skipIf(process.platform !== "linux")("the guard", () => {
  /** Children of this process that run the guard's program. */
  function guards(): number[] {
    const lines = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)])
      .toString()
      .split("\n");
    return lines.filter((line) => line.includes("taskkill")).map((line) => Number.parseInt(line, 10));
  }

  const sleeper = (): Promise<Channel> =>
    createStdioChannel("sh", { args: ["-c", "cat > /dev/null"], guard: true, stderr: "ignore" });

  test("is one for all workers, and ends with the last of them", async () => {
    const nothingLeft = expectNothingLeft();
    const channels = await Promise.all([sleeper(), sleeper(), sleeper()]);
    expect(guards()).toHaveLength(1);
    await Promise.all(channels.slice(1).map((channel) => channel.close()));
    expect(guards()).toHaveLength(1);
    await channels[0].close();
    await waitFor(() => guards().length === 0);
    await nothingLeft();
  });

  test("is not kept for a worker that can't be started", async () => {
    const nothingLeft = expectNothingLeft();
    expect(await rejectionOf(createStdioChannel("/no/such/program", { guard: true }))).toMatchObject({
      code: "SPAWN_FAILED",
    });
    await waitFor(() => guards().length === 0);
    await nothingLeft();
  });

  test("that somebody ends is replaced", async () => {
    const channel = await sleeper();
    onTestFinished(() => channel.close());
    const [first] = guards();
    // One that ends at once would end at once again, and is not replaced.
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + 2_000);
    process.kill(first!, "SIGKILL");
    await waitFor(() => guards().some((pid) => pid !== first));
  });
});
