import { execFile } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root } from "./support/paths.js";
import type { Ended } from "./support/run.js";

const folder = join(root, "examples/rust-parent");
/** The first run compiles. */
const PATIENCE_MS = 240_000;

/** Names are registered in it. */
const runtime = realpathSync(mkdtempSync(join(tmpdir(), "pw-")));
afterAll(() => rmSync(runtime, { recursive: true, force: true }));

/** What the conversation prints, in either way. */
const CONVERSATION = [
  "Rust: Sending initial message",
  'Received from TS: Message { msg_type: "response", data: "Hello from TypeScript!" }',
  ...[1, 2, 3, 4, 5].map(
    (n) => `Received from TS: Message { msg_type: "ack", data: "Acknowledged: Message ${n} from Rust" }`,
  ),
  'Received from TS: Message { msg_type: "exit", data: "Goodbye from TypeScript!" }',
  "Received exit signal from TypeScript",
  "Communication complete!",
];

function cargoRun(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
    const options = { cwd: folder, timeout: PATIENCE_MS, env };
    execFile("cargo", ["run", "--quiet", "--locked", ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}

describe("examples/rust-parent", { timeout: PATIENCE_MS }, () => {
  test("prints the conversation of a Rust parent with its TypeScript child", async () => {
    expect(await cargoRun()).toEqual({ code: 0, stdout: `${CONVERSATION.join("\n")}\n`, stderr: "" });
  });

  test("drives a program that speaks bare lines by the framing and the codec alone", async () => {
    const bare = await cargoRun("--", "--bare", process.execPath, join(folder, "children/bare.mjs"));
    expect(bare).toEqual({ code: 0, stdout: `${CONVERSATION.join("\n")}\n`, stderr: "" });
  });

  test("calls workers in Rust, Node and Python, and a service by its name", async () => {
    const { code, stdout, stderr } = await cargoRun("--bin", "services");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(0, -1)).toEqual([
      "1 + 2 = 3",
      "4 * 7 = 28",
      "Request timed out",
      'Available methods: ["add", "multiply", "sleep"]',
      "Healthy: true",
      "Circuit open: false",
      "Total requests: 4, failed: 1",
      "Success rate: 0.75",
      "21 + 3 = 24",
      "5 + 3 = 8",
      'math-service offers ["add", "multiply", "sleep"]',
    ]);
    expect(lines.at(-1)).toMatch(/^(Factorial: 3628800|Skipped: cannot start the worker python3: .+)$/);
  });
});
