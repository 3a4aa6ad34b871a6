/**
 * Whatever comes, a worker in Node and the one in Rust say the same to it: a result, an error with its code, or nothing,
 * and with the same id. `PROCWIRE_LONG=1` takes many more messages; `SEED` repeats a run.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { createRandom, mutated } from "../support/mutate.js";
import { fixture, rustWorker, typescript } from "../support/paths.js";
import { python, whyNoPython } from "../support/python.js";

const LONG = process.env["PROCWIRE_LONG"] === "1";
const MESSAGES = LONG ? 1_000_000 : 10_000;
/** So many go to one pair of workers. */
const AT_ONCE = 10_000;

const { cases } = JSON.parse(readFileSync(new URL("../vectors/json-rpc.json", import.meta.url), "utf8")) as {
  readonly cases: readonly { readonly in?: string }[];
};
// Numbers that one of the two would refuse to add are another matter: `echo` takes any value.
const seeds = cases.map((vector) =>
  (vector.in ?? "").replaceAll(/"(?:\\u0061|a)dd"/g, '"echo"').replaceAll('"a":', '"message":'),
);

const WORKERS: readonly (readonly [string, readonly string[]])[] = [
  [process.execPath, typescript(fixture("verdict-worker.ts"))],
  [rustWorker, ["--quiet"]],
  ...(python === undefined ? [] : ([[python, [fixture("verdict_worker.py")]]] as const)),
];

/** The answers of a worker to each frame, as their verdicts. */
async function verdicts([command, args]: (typeof WORKERS)[number], frames: readonly Uint8Array[]): Promise<string[]> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const parts = frames.flatMap((frame, at) => [frame, Buffer.from(`\n${marker(at)}\n`)]);
  child.stdin.end(Buffer.concat(parts));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString("utf8").split("\n").slice(0, -1);
  const found: string[] = [];
  let since: string[] = [];
  for (const line of lines) {
    if (line.startsWith('{"jsonrpc":"2.0","id":"the end of ')) {
      found.push(since.join(" "));
      since = [];
    } else since.push(verdict(line));
  }
  return found;
}

function marker(at: number): string {
  return `{"jsonrpc":"2.0","id":"the end of ${at}","method":"echo","params":[1]}`;
}

/** What counts of an answer, in words. The order in a batch does not. */
function verdict(line: string): string {
  const answer = JSON.parse(line) as Answer | Answer[];
  if (!Array.isArray(answer)) return one(answer, line);
  const ids = answer.map((single) => one(single, ""));
  return `[${ids.sort().join(" ")}]`;
}

interface Answer {
  readonly id: unknown;
  readonly error?: { readonly code: number };
}

function one({ id, error }: Answer, line: string): string {
  // An id that is a number comes back by its text; one that is a string as the same string.
  const digits = typeof id === "number" ? /^\{"jsonrpc":"2\.0","id":([^,]*),/.exec(line)?.[1] : undefined;
  return `${digits ?? JSON.stringify(id)}:${error === undefined ? "result" : error.code}`;
}

/** Of an id that is given twice, the text is that of one of them, and the number that of the last. */
function isSame(node: string | undefined, rust: string | undefined, frame: Uint8Array): boolean {
  if (node === rust || node === undefined || rust === undefined) return node === rust;
  const ids =
    Buffer.from(frame)
      .toString("latin1")
      .match(/"(?:i|\\u0069)(?:d|\\u0064)"/g) ?? [];
  const byValue = (verdict: string): string => verdict.replace(/^[^:"[]+/, (digits) => String(Number(digits)));
  return ids.length > 1 && byValue(node) === byValue(rust);
}

/** What would end a worker, or what takes credit and is answered later. */
const NOT_ALONE = /shutdown|\$\/(?:stream|input)|the end of/;

test(
  "workers in Node, in Rust and in Python say the same to whatever comes",
  { timeout: LONG ? 3_600_000 : 120_000 },
  async () => {
    const seed = Number(process.env["SEED"] ?? (LONG ? Date.now() % 1_000_000 : 1));
    console.log(`SEED=${seed}`);
    const random = createRandom(seed);
    const problems: unknown[] = [];
    for (let done = 0; done < MESSAGES && problems.length === 0; done += AT_ONCE) {
      const frames = Array.from({ length: Math.min(AT_ONCE, MESSAGES) }, () => mutated(random, seeds)).filter(
        (frame) => !NOT_ALONE.test(Buffer.from(frame).toString("latin1")),
      );
      const [node = [], ...others] = await Promise.all(WORKERS.map((worker) => verdicts(worker, frames)));
      expect([node, ...others].map(({ length }) => length)).toEqual(WORKERS.map(() => frames.length));
      for (const [at, frame] of frames.entries()) {
        if (others.every((other) => isSame(node[at], other[at], frame))) continue;
        const [rust, inPython] = others.map((other) => other[at]);
        problems.push({ frame: Buffer.from(frame).toString(), node: node[at], rust, python: inPython });
      }
    }
    expect(problems.slice(0, 20)).toEqual([]);
  },
);

test.skipIf(whyNoPython !== "")(`Python is among them${whyNoPython}`, () => {
  expect(WORKERS).toHaveLength(3);
});
