// How a Node worker ends that has still something to say: within its grace, whoever reads it or does not.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { createStdioChannel } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";

type Child = ChildProcess & { readonly stdin: Writable };

function say(child: Child, message: object): void {
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function spawnSlow(stdout: "pipe" | number): Child {
  const args = typescript(fixture("slow-worker.ts"), "700");
  const child = spawn(process.execPath, args, { stdio: ["pipe", stdout, "ignore"] }) as Child;
  onTestFinished(() => void child.kill("SIGKILL"));
  say(child, { id: 1, method: "large", params: { bytes: 10_000_000 } });
  return child;
}

/** Each resolves when the worker is in the middle of a large answer, of which nothing more is read. */
const STDOUTS = {
  "a socket": async () => {
    const child = spawnSlow("pipe");
    await new Promise((resolve) => child.stdout!.once("data", resolve));
    child.stdout!.pause();
    return child;
  },
  "a pipe": async () => {
    const folder = mkdtempSync(join(tmpdir(), "procwire-unread-"));
    const path = join(folder, "pipe");
    execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => {
      closeSync(pipe);
      rmSync(folder, { recursive: true });
    });
    const child = spawnSlow(pipe);
    await waitFor(() => hasBytes(pipe), 20_000);
    return child;
  },
};

function hasBytes(pipe: number): boolean {
  try {
    return readSync(pipe, Buffer.alloc(10)) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
    throw error;
  }
}

const ENDS: Readonly<Record<string, (child: Child) => void>> = {
  "the notification shutdown": (child) => {
    say(child, { method: "shutdown" });
  },
  "the end of its stdin": (child) => {
    child.stdin.end();
  },
  SIGTERM: (child) => void child.kill("SIGTERM"),
};

describe.skipIf(process.platform === "win32").each(Object.entries(STDOUTS))(
  "a worker whose stdout, %s, is read no more exits within its grace",
  (_, start) => {
    test.each(Object.entries(ENDS))("by %s", async (_name, end) => {
      const child = await start();
      const exited = once(child, "exit");
      end(child);
      expect(await exited).toEqual([0, null]);
    });
  },
);

describe("a worker that is closed while it answers", () => {
  /** What it says between the end of its input and its exit. */
  async function lastWords(graceMs: string): Promise<string> {
    const child = spawn(process.execPath, typescript(fixture("slow-worker.ts"), graceMs), {
      stdio: ["pipe", "pipe", "inherit"],
    });
    say(child, { id: 1, method: "later", params: { ms: 300 } });
    child.stdin.end();
    return text(child.stdout);
  }

  test.each(["Infinity", "2147483648", "5000"])("gives its answer, with a grace of %s ms", async (graceMs) => {
    expect(JSON.parse(await lastWords(graceMs))).toEqual({ jsonrpc: "2.0", id: 1, result: "late" });
  });

  test.each([Infinity, 2 ** 31])("is given all the time it takes by a parent with a grace of %d ms", async (ms) => {
    const program = 'process.stdin.resume().on("end", () => setTimeout(() => console.error("by itself"), 300))';
    const lines: string[] = [];
    const channel = await createStdioChannel(process.execPath, {
      args: ["-e", program],
      shutdown: { graceMs: ms, termMs: ms },
      stderr: (line) => lines.push(line),
    });
    await channel.close();
    expect(lines).toEqual(["by itself"]);
  });

  test("can't be started with a grace that is none", async () => {
    for (const shutdown of [{ graceMs: -1 }, { graceMs: NaN }, { termMs: -Infinity }]) {
      expect(await rejectionOf(createStdioChannel("procwire-no-such-program", { shutdown }))).toBeInstanceOf(
        RangeError,
      );
    }
  });
});
