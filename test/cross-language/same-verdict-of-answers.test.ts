/**
 * Whatever comes as an answer, a client in Node and one in Rust make the same of it: a result, an error with its code,
 * something that can't be read, nothing, or the end of the link. `PROCWIRE_LONG=1` takes many more; `SEED` repeats a run.
 */
import { spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createRandom, mutated } from "../support/mutate.js";
import { fixture, rustExample, typescript } from "../support/paths.js";

const LONG = process.env["PROCWIRE_LONG"] === "1";
const ANSWERS = LONG ? 1_000_000 : 3_000;
/** So many go to one pair of clients. */
const AT_ONCE = Math.min(ANSWERS, 50_000);

/** Stands for the id that is asked with, wherever it is left whole. */
const ID = "70707";
const HEAD = `{"jsonrpc":"2.0","id":${ID},`;
const SEEDS = [
  `${HEAD}"result":42}`,
  `${HEAD}"result":{"a":[1,2.5,"x",null,{"b":true}],"é":"\\u00e9"}}`,
  `${HEAD}"result":null}`,
  `${HEAD}"error":{"code":-32601,"message":"Method not found: q"}}`,
  `${HEAD}"error":{"code":7,"message":"no","data":{"why":[1,2]}}}`,
  `{"result":"x","id":${ID},"jsonrpc":"2.0"}`,
  `{"error":{"message":"m","code":1.0},"id":${ID},"jsonrpc":"2.0"}`,
  `[${HEAD}"result":1},{"jsonrpc":"2.0","method":"n","params":[1]}]`,
  `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`,
  `{"jsonrpc":"2.0","method":"$/progress","params":{"id":${ID},"value":1}}`,
  `printed ${HEAD}"result":[true]} behind`,
];

/** What was once taken in two ways. */
const ONCE_DIFFERENT = [
  `{"error":{"message":"m","code":1.0},"id":${ID},"jsonrpc":"2.0"}`,
  `${HEAD}"error":{"code":-32601,"message":"half \\ud83d of a pair"}}`,
  `[${HEAD}"error":{"trueode":7,"message":"no"}},{"jsonrpc":"2.0"`,
];

const CLIENTS: readonly (readonly [string, readonly string[]])[] = [
  [process.execPath, typescript(fixture("verdict-client.ts"))],
  [rustExample("verdicts"), []],
];

/** Answers each question with its frame, and then with one that says so. */
function answering(frames: readonly string[]): (socket: Socket) => void {
  return (socket) => {
    let rest = "";
    socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        const lines = (rest + chunk.toString("latin1")).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          // What it answers itself, to what a frame asks, is another matter.
          const [, id, n] = /"id":(\d+),"method":"q","params":\[(\d+)\]/.exec(line) ?? [];
          if (id === undefined || n === undefined) continue;
          const frame = (frames[Number(n)] ?? "").replaceAll(ID, id);
          socket.write(Buffer.from(`${frame}\n{"jsonrpc":"2.0","id":${id},"result":"the end"}\n`, "latin1"));
        }
      });
  };
}

/** Of an id that is given twice, either may be the one, where the rest can't be read. */
function hasTwoIds(frame: string): boolean {
  return (frame.match(/"(?:i|\\u0069)(?:d|\\u0064)"/g) ?? []).length > 1;
}

/** Half of a surrogate pair has no place in the strings of Rust: a result, or the name of a member, can't be read there. */
function isSame(node: string, rust: string | undefined, frame: string): boolean {
  const hasHalf = /^(?:result|error)/.test(node) && rust === "unreadable" && /\\ud[89a-f]/i.test(frame);
  return node === rust || hasHalf || hasTwoIds(frame);
}

async function verdicts([command, args]: (typeof CLIENTS)[number], frames: readonly string[]): Promise<string[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pw-")));
  const server = createServer(answering(frames));
  const path = join(folder, "s");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const child = spawn(command, [...args, path, String(frames.length)], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  server.close();
  return Buffer.concat(chunks).toString().split("\n").slice(0, -1);
}

test(
  "clients in Node and in Rust make the same of whatever answer comes",
  { timeout: LONG ? 3_600_000 : 60_000 },
  async () => {
    const seed = Number(process.env["SEED"] ?? (LONG ? Date.now() % 1_000_000 : 1));
    console.log(`SEED=${seed}`);
    const random = createRandom(seed);
    const problems: unknown[] = [];
    const kinds = new Map<string, number>();
    for (let done = 0; done < ANSWERS && problems.length === 0; done += AT_ONCE) {
      const frames = Array.from({ length: AT_ONCE }, () => Buffer.from(mutated(random, SEEDS)).toString("latin1"));
      frames.splice(0, ONCE_DIFFERENT.length, ...ONCE_DIFFERENT);
      const [node = [], rust = []] = await Promise.all(CLIENTS.map((client) => verdicts(client, frames)));
      expect([node.length, rust.length]).toEqual([frames.length, frames.length]);
      for (const [at, frame] of frames.entries()) {
        const verdict = node[at] ?? "";
        kinds.set(verdict, (kinds.get(verdict) ?? 0) + 1);
        if (!isSame(verdict, rust[at], frame))
          problems.push({ frame: Buffer.from(frame, "latin1").toString(), node: verdict, rust: rust[at] });
      }
    }
    expect(problems.slice(0, 20)).toEqual([]);
    // Answers that all came to the same would show nothing.
    for (const kind of ["result", "nothing", "unreadable"]) expect(kinds.get(kind) ?? 0).toBeGreaterThan(ANSWERS / 100);
  },
);
