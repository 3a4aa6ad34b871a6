import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { root, typescript } from "./support/paths.js";
import { python, whyNoPython } from "./support/python.js";
import { runNode } from "./support/run.js";
import { waitFor } from "./support/wait-for.js";

/** Lines that each example must print; one without an entry must only exit with 0. */
const expectedLines: Readonly<Record<string, readonly string[]>> = {
  "rust-worker": [
    "[Rust Log] Rust worker started",
    "add(42, 58) = 100",
    "multiply(12, 34) = 408",
    "fibonacci(30) = 832040",
    "fibonacci(40) = 102334155",
    "is_prime(17) = true",
    "is_prime(1000000007) = true",
    "sum_array([1..1000]) = 500500",
    'echo = "Hello from Node.js!"',
    ...["add", "multiply", "fibonacci", "is_prime", "sum_array", "echo"].map((name) => `[Rust Log] Processed ${name}`),
    "[Rust Log] Shutting down...",
    "Done",
  ],
  "basic-stdio": ["Done"],
  pool: ["Done"],
  ...(python === undefined ? {} : { "python-worker": ["Oslo in July: 17.6", "Lisbon in July: 23.5", "Done"] }),
};

const examples = readdirSync(join(root, "examples")).filter((name) =>
  existsSync(join(root, "examples", name, "src/parent.ts")),
);

test("there are examples, the expected ones among them", () => {
  expect(examples).toEqual(expect.arrayContaining(Object.keys(expectedLines)));
});

describe.each(examples)("examples/%s", (name) => {
  const why = name === "python-worker" ? whyNoPython : "";

  test.skipIf(why !== "")(`runs, prints what it promises, and exits with 0${why}`, async () => {
    const { code, stdout, stderr } = await runNode(typescript(`examples/${name}/src/parent.ts`));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    for (const expected of expectedLines[name] ?? []) {
      expect(
        lines.some((line) => line.endsWith(expected)),
        `${expected} in\n${stdout}`,
      ).toBe(true);
    }
  });
});

test("examples/rust-worker without its binary prints what to do, no stack, and exits with 1", async () => {
  const missing = join(root, "no/such/rust-worker");
  const env = { PROCWIRE_RUST_WORKER: missing };
  const { code, stderr } = await runNode(typescript("examples/rust-worker/src/parent.ts"), env);
  expect(code).toBe(1);
  expect(stderr).toContain(missing);
  expect(stderr).toContain("cargo build --release");
  expect(stderr).not.toMatch(/^\s+at /m);
});

test.skipIf(process.platform === "win32")(
  "examples/pool --serve answers what was asked before Ctrl-C, and ends",
  async () => {
    const child = spawn(process.execPath, typescript("examples/pool/src/parent.ts", "--serve"), { cwd: root });
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    await waitFor(() => printed.includes("\n"), 20_000);
    const [address = ""] = printed.split("/factorize");
    expect(await (await fetch(`${address}/factorize?n=360`)).json()).toEqual([2, 2, 2, 3, 3, 5]);
    expect((await fetch(`${address}/factorize?n=0`)).status).toBe(404);
    const answer = fetch(`${address}/hash?data=${"x".repeat(10_000)}`);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    // It was under way, or had not arrived.
    const text = await answer.then(
      (response) => response.text(),
      () => "refused",
    );
    expect(text).toMatch(/^"[0-9a-f]{64}"$|^refused$/);
    expect(await ended).toEqual([0, null]);
    expect(printed).toContain("Draining ...\nDone");
  },
);
