import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import { LengthPrefixedFraming } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { fixture, rustWorker, typescript } from "../support/paths.js";
import { NO_PYTHON, python, pythonWorker } from "../support/python.js";

interface Answer {
  readonly id: unknown;
  readonly result?: unknown;
  /** In a vector the code alone. */
  readonly error?: { readonly code: number } | number;
}

interface Case {
  readonly name: string;
  readonly hex: string;
  readonly out: Answer | readonly Answer[] | null;
}

const { cases } = JSON.parse(readFileSync(new URL("../vectors/msgpack.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

const WORKERS: readonly (readonly [string, string, readonly string[]])[] = [
  ["serveStdio in Node", process.execPath, typescript(fixture("echo-worker.ts"), "msgpack")],
  ["the Rust worker", rustWorker, ["--quiet", "--framing", "length", "--codec", "msgpack"]],
  ...(python === undefined
    ? []
    : [
        ["Python", python, [pythonWorker, ...["--threads", "1", "--framing", "length", "--codec", "msgpack"]]] as const,
      ]),
];

/** Sends frames to a worker, and gives all that it answered until it was at the end of its input. */
async function answersTo(
  command: string,
  args: readonly string[],
  payloads: readonly Uint8Array[],
): Promise<unknown[]> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.end(Buffer.concat(payloads.map(framed)));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const decoder = new LengthPrefixedFraming().decoder(1024 * 1024);
  const codec = new MessagePackCodec();
  const values: unknown[] = [];
  decoder.push(Buffer.concat(chunks));
  while (decoder.next() === "frame") values.push(codec.decode(decoder.bytes, decoder.start, decoder.end));
  return values;
}

function framed(payload: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

/** What counts of answers: of an error the code, and of a batch not the order. */
function essence(answer: unknown): string {
  if (Array.isArray(answer)) return `[${answer.map(essence).sort().join()}]`;
  const { id, result, error } = answer as Answer;
  const code = typeof error === "object" ? error.code : error;
  return JSON.stringify(error === undefined ? { id, result } : { id, code });
}

/** An id of our own, so that it is seen where the answers to one frame end. */
function marker(at: number): string {
  return `marker ${at}`;
}

test.each(WORKERS)("%s answers each shared vector of MessagePack as it says", async (_name, command, args) => {
  const codec = new MessagePackCodec();
  const mark = (at: number): Uint8Array =>
    codec.encode({ jsonrpc: "2.0", id: marker(at), method: "echo", params: { message: 1 } }) as Uint8Array;
  const payloads = cases.flatMap(({ hex }, at) => [Buffer.from(hex, "hex"), mark(at)]);
  const answers = await answersTo(command, args, payloads);
  const ends = cases.map((_, at) => answers.findIndex((answer) => (answer as Answer).id === marker(at)));
  const problems: unknown[] = [];
  for (const [at, { name, out }] of cases.entries()) {
    const given = answers.slice((ends[at - 1] ?? -1) + 1, ends[at]).map(essence);
    const expected = out === null ? [] : [essence(out)];
    if (given.join() !== expected.join()) problems.push({ name, given, expected });
  }
  expect(problems).toEqual([]);
});

test.skipIf(python === undefined)(`Python is among them ${python === undefined ? NO_PYTHON : ""}`.trimEnd(), () => {
  expect(WORKERS.map(([name]) => name)).toContain("Python");
});
