/** The sessions of the documents: what goes to a worker, and what must come back. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fixture, rustWorker } from "../support/paths.js";

interface Step {
  readonly send: readonly string[];
  readonly expect: readonly unknown[];
}

/** Their methods: `add`, `echo`, a stream of `primes`, and `slow`, which waits for a cancel. */
export const SESSION_WORKERS = ["Rust", "Node"] as const;

type Kind = (typeof SESSION_WORKERS)[number];

/** Puts the worker in Node where the packages are installed; once, before the sessions run side by side. */
export function placeWorker(folder: string): void {
  copyFileSync(fixture("session-worker.mjs"), join(folder, "session-worker.mjs"));
}

function startWorker(kind: Kind, folder: string): ChildProcessByStdio<Writable, Readable, null> {
  const stdio = ["pipe", "pipe", "ignore"] as const;
  const child =
    kind === "Rust"
      ? spawn(rustWorker, ["--quiet"], { stdio: [...stdio] })
      : spawn(process.execPath, [join(folder, "session-worker.mjs")], { stdio: [...stdio] });
  // A worker that is gone answers nothing: the session says so.
  child.stdin.on("error", () => undefined);
  return child;
}

/** Lines to send, and the answers to wait for before the next ones go. */
export function stepsOf(code: string): Step[] {
  const steps: { send: string[]; expect: unknown[] }[] = [];
  for (const line of code.split("\n")) {
    if (line.startsWith("--> ")) {
      const last = steps.at(-1);
      if (last === undefined || last.expect.length > 0) steps.push({ send: [], expect: [] });
      steps.at(-1)?.send.push(line.slice(4));
    } else if (line.startsWith("<-- ")) steps.at(-1)?.expect.push(JSON.parse(line.slice(4)));
    else if (line !== "") throw new Error(`not a line of a session: ${line}`);
  }
  return steps;
}

/** What the worker says in each step, as many lines as are expected, and what more it says before it ends. */
export async function play(
  kind: Kind,
  folder: string,
  steps: readonly Step[],
): Promise<{ readonly said: readonly (readonly unknown[])[]; readonly more: readonly unknown[] }> {
  const child = startWorker(kind, folder);
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const slow = kind === "Rust" ? '"fibonacci_recursive"' : '"slow"';
  const said: unknown[][] = [];
  for (const { send, expect } of steps) {
    for (const line of send) child.stdin.write(`${line.replaceAll('"slow"', slow)}\n`);
    const heard: unknown[] = [];
    while (!isComplete(heard, expect)) {
      const line = await lines.next();
      if (line.done === true) break;
      hear(heard, JSON.parse(line.value));
    }
    said.push(heard);
  }
  child.stdin.end();
  const more: unknown[] = [];
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) more.push(JSON.parse(line.value));
  clearTimeout(timer);
  return { said, more };
}

interface Items {
  readonly method?: unknown;
  readonly params?: { readonly id?: unknown; readonly items?: readonly unknown[] };
}

/** A stream's items may come in any number of messages: those that follow each other count as one. */
function hear(heard: unknown[], message: unknown): void {
  const [last, next] = [heard.at(-1) as Items | undefined, message as Items];
  const [before, more] = [last?.params?.items, next.params?.items];
  if (before === undefined || more === undefined || last?.params?.id !== next.params?.id) heard.push(message);
  else heard[heard.length - 1] = { ...last, params: { ...last?.params, items: [...before, ...more] } };
}

function isComplete(heard: readonly unknown[], expected: readonly unknown[]): boolean {
  const [last, wanted] = [heard.at(-1) as Items | undefined, expected.at(-1) as Items | undefined];
  const missing = (wanted?.params?.items?.length ?? 0) - (last?.params?.items?.length ?? 0);
  return heard.length > expected.length || (heard.length === expected.length && missing <= 0);
}
