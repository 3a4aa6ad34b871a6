// A child whose events come in the order that the test wants: a real one gives them in the likely order only.

import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { ChildLink } from "../../src/node/child/child-link.js";
import type { WorkerProcess } from "../../src/node/child/worker-process.js";
import { StderrReader } from "../../src/node/child/stderr.js";

class FakeChild extends EventEmitter implements WorkerProcess {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  readonly kills: NodeJS.Signals[] = [];

  kill(signal: NodeJS.Signals): boolean {
    this.kills.push(signal);
    return true;
  }

  exit(code: number): void {
    this.exitCode = code;
    this.emit("exit", code, null);
  }
}

function open(): { readonly child: FakeChild; readonly seen: string[]; readonly link: ChildLink } {
  const child = new FakeChild();
  const reader = new StderrReader(child.stderr, "ignore", 1_000, () => undefined);
  const link = new ChildLink(
    { child, answers: undefined, kill: child.kill.bind(child) },
    reader,
    { graceMs: 10, termMs: 10 },
    0,
  );
  const seen: string[] = [];
  link.start({
    data: (chunk) => seen.push(Buffer.from(chunk).toString()),
    end: ({ code, exitCode }) => seen.push(`${code} ${String(exitCode)}`),
  });
  onTestFinished(() => link.close());
  return { child, seen, link };
}

/** Turns of the event loop, in which streams hand on what was written. */
async function turns(): Promise<void> {
  for (let at = 0; at < 4; at++) await new Promise((resolve) => setImmediate(resolve));
}

test("what is read after the exit comes before the end, as long as more comes", async () => {
  const { child, seen } = open();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  child.exit(3);
  for (const chunk of ["one", "two", "three"]) {
    child.stdout.write(chunk);
    await turns();
    vi.advanceTimersByTime(30);
    await turns();
  }
  expect(seen).toEqual(["one", "two", "three"]);
  child.stdout.end();
  child.stderr.end();
  await turns();
  expect(seen).toEqual(["one", "two", "three", "WORKER_EXITED 3"]);
});

test("pipes that nobody closes after the exit are waited for a moment only", async () => {
  const { child, seen } = open();
  child.stdout.write("one");
  child.exit(0);
  await expect.poll(() => seen).toEqual(["one", "WORKER_EXITED 0"]);
});

test("a pipe to which somebody prints without end after the exit is read for a bounded time", async () => {
  const { child, seen } = open();
  const printing = setInterval(() => child.stdout.write("x"), 1);
  onTestFinished(() => {
    clearInterval(printing);
  });
  child.exit(3);
  await expect.poll(() => seen.at(-1), { timeout: 5_000 }).toBe("WORKER_EXITED 3");
  expect(seen.length).toBeGreaterThan(2);
});

test("a worker that hears nothing is sent SIGTERM, and then SIGKILL", async () => {
  const { child, link } = open();
  await link.close();
  expect(child.kills).toEqual(["SIGTERM", "SIGKILL"]);
  expect([child.stdin, child.stdout, child.stderr].every(({ destroyed }) => destroyed)).toBe(true);
  expect(child.listenerCount("exit")).toBe(0);
});

test("a worker that exits by itself is sent no signal", async () => {
  const { child, link } = open();
  child.stdin.once("finish", () => {
    child.exit(0);
  });
  await link.close();
  expect(child.kills).toEqual([]);
});
