import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { assertFrame } from "../../packages/transport/test/support/wire-schema.js";
import { SPECIFICATION_EXAMPLES } from "../../packages/transport/test/support/specification.js";
import { fixture, rustWorker, typescript } from "../support/paths.js";
import { NO_PYTHON, python, pythonWorker } from "../support/python.js";

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  /** In a vector the code alone. */
  readonly error?: { readonly code: number } | number;
}

interface Case {
  readonly name: string;
  readonly in?: string;
  readonly inHex?: string;
  readonly out: Answer | readonly Answer[] | null;
}

const { cases } = JSON.parse(readFileSync(new URL("../vectors/json-rpc.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

const WORKERS: readonly (readonly [string, string, readonly string[]])[] = [
  ["serveStdio in Node", process.execPath, typescript(fixture("stream-worker.ts"))],
  ["the Rust worker", rustWorker, ["--quiet"]],
  // One thread, so that it answers in order however slow the machine is.
  python === undefined ? [`Python ${NO_PYTHON}`, "", []] : ["Python", python, [pythonWorker, "--threads", "1"]],
];

/** Sends lines to a worker, and gives all that it wrote until it was at the end of its input. */
async function linesFrom(command: string, args: readonly string[], input: readonly Uint8Array[]): Promise<string[]> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  for (const part of input) child.stdin.write(part);
  child.stdin.end();
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) text += String(chunk);
  // Not by readline: from Node 24 on it ends lines at U+2028 too, which a JSON string may contain.
  return text.split("\n").slice(0, -1);
}

/** What counts of answers: of an error the code, and of a batch not the order. */
function essence(answer: unknown): unknown {
  if (Array.isArray(answer)) {
    return answer.map(essence).sort((one, other) => compare(JSON.stringify(one), JSON.stringify(other)));
  }
  const { id, result, error } = answer as Answer;
  return error === undefined ? { id, result } : { id, code: typeof error === "number" ? error : error.code };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function bytesOf({ in: text, inHex }: Case): Uint8Array {
  return text === undefined ? Buffer.from(inHex ?? "", "hex") : Buffer.from(text);
}

/** An id of our own, so that it is seen where the answers to one frame end. */
function marker(at: number): string {
  return `marker ${at}`;
}

describe.each(WORKERS)("%s", (_name, command, args) => {
  test.skipIf(command === "")("answers each shared vector as it says", async () => {
    const input = cases.flatMap((vector, at) => [
      bytesOf(vector),
      Buffer.from(`\n{"jsonrpc":"2.0","id":"${marker(at)}","method":"echo","params":{"message":1}}\n`),
    ]);
    const lines = await linesFrom(command, args, input);
    const frames = lines.map((line) => JSON.parse(line) as Answer | Answer[]);
    for (const frame of frames) assertFrame(frame);
    const ends = cases.map((_, at) => frames.findIndex((frame) => "id" in frame && frame.id === marker(at)));
    const problems: unknown[] = [];
    for (const [at, { name, out }] of cases.entries()) {
      // Cheap methods are answered in order, so that what an answer belongs to is told by what stands around it.
      const answers = frames.slice((ends[at - 1] ?? -1) + 1, ends[at]).map(essence);
      const expected = out === null ? [] : [essence(out)];
      if (JSON.stringify(answers) !== JSON.stringify(expected)) problems.push({ name, answers, expected });
    }
    expect(problems).toEqual([]);
  });
});

describe("serveStdio in Node", () => {
  const [, command, args] = WORKERS[0]!;

  test.each([
    ["whole", (text: string) => [Buffer.from(text)]],
    ["byte by byte", (text: string) => Array.from(Buffer.from(text), (byte) => Buffer.of(byte))],
  ])("answers the examples of the specification, sent %s", async (_, cut) => {
    const text = SPECIFICATION_EXAMPLES.map(([, example]) => `${example}\n`).join("");
    const lines = await linesFrom(command, args, cut(text));
    const expected = SPECIFICATION_EXAMPLES.map(([, , answer]) => answer).filter((answer) => answer !== undefined);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected);
  });
});
