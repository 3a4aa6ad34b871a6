// How a worker ends, and what becomes of its open requests: the same in Node, in Rust and in Python.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixture, root, rustWorker, typescript } from "../support/paths.js";
import { python, whyNoPython } from "../support/python.js";

type Command = readonly [command: string, args: readonly string[]] | undefined;

const WORKERS: readonly (readonly [string, Command])[] = [
  ["Node", [process.execPath, typescript(fixture("ending-worker.ts"))]],
  ["Rust", [rustWorker, ["--quiet"]]],
  [`Python${whyNoPython}`, python === undefined ? undefined : [python, [fixture("ending_worker.py")]]],
];
const env = { ...process.env, PYTHONPATH: join(root, "python") };

const PING = '{"jsonrpc":"2.0","id":0,"method":"$/ping"}\n';
const PONG = { id: 0, result: null };
const call = (id: number, n: number): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"fibonacci_recursive","params":{"n":${n}}}\n`;
const CANCELLED = { id: 2, error: { code: -32800 } };

/** What is written to the worker, and what is done once all of it has been read. */
interface Ending {
  readonly name: string;
  readonly input: string;
  readonly then: "end of input" | "SIGTERM" | "nothing";
  readonly answers: readonly object[];
}

const ENDINGS: readonly Ending[] = [
  {
    name: "a last line without 0x0A is a line, and is answered",
    input: PING.trimEnd(),
    then: "end of input",
    answers: [PONG],
  },
  {
    name: "the end of its stdin lets what is running finish",
    input: call(2, 35) + PING,
    then: "end of input",
    answers: [PONG, { id: 2, result: 9_227_465 }],
  },
  {
    name: "the end of its stdin cancels what has not finished within the grace",
    input: call(2, 80) + PING,
    then: "end of input",
    answers: [PONG, CANCELLED],
  },
  {
    name: "shutdown, the notification, cancels what is running",
    input: `${call(2, 80)}${PING}{"jsonrpc":"2.0","method":"shutdown"}\n`,
    then: "nothing",
    answers: [PONG, CANCELLED],
  },
  {
    name: "shutdown as a request is answered with null, and does the same",
    input: `${call(2, 80)}${PING}{"jsonrpc":"2.0","id":3,"method":"shutdown"}\n`,
    then: "nothing",
    answers: [PONG, CANCELLED, { id: 3, result: null }],
  },
  {
    name: "SIGTERM cancels what is running",
    input: call(2, 80) + PING,
    then: "SIGTERM",
    answers: [PONG, CANCELLED],
  },
];

interface Answer {
  readonly id: number;
}

describe.each(WORKERS)("a worker in %s", (_, worker) => {
  const possible = ENDINGS.filter(({ then }) => then !== "SIGTERM" || process.platform !== "win32");
  // Without a Python: because there is none.
  test.skipIf(worker === undefined).for(possible)("$name", { timeout: 60_000 }, async (ending, { onTestFinished }) => {
    const { input, then, answers } = ending;
    const [command, args] = worker!;
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"], env });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    const exited = new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      // The answer to the ping: what came before it has been read.
      if (then === "SIGTERM" && !child.killed && said.includes('"id":0')) child.kill("SIGTERM");
    });
    child.stdin.write(input);
    if (then === "end of input") child.stdin.end();
    expect(await exited).toBe(0);
    const found = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Answer);
    found.sort((one, other) => one.id - other.id);
    expect(found).toMatchObject(answers);
    expect(found).toHaveLength(answers.length);
  });
});
