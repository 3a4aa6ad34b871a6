/**
 * A Node program calls a Rust worker: the methods of `rust-worker`, one after the other, and its log beside them.
 * Run it from the repository by `npm start`.
 */
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { ChannelError, createStdioChannel, type Channel } from "@procwire/transport";

const binary = process.platform === "win32" ? "rust-worker.exe" : "rust-worker";
const builtHere = fileURLToPath(new URL(`../../../rust-worker/target/release/${binary}`, import.meta.url));
const workerPath = process.env["PROCWIRE_RUST_WORKER"] ?? builtHere;

function say(text: string): void {
  console.log(`Parent: ${text}`);
}

function section(title: string): void {
  console.log(`\n=== ${title} ===`);
}

/** Calls a method, shows the result, and insists on it: an example that shows a wrong number is worse than none. */
async function show(channel: Channel, method: string, params: object, call: string, expected: unknown): Promise<void> {
  const result: unknown = await channel.request(method, params);
  say(`${call} = ${JSON.stringify(result)}`);
  assert.deepEqual(result, expected, call);
}

async function main(): Promise<void> {
  say("Starting Rust worker example...");
  say(`Worker path: ${workerPath}`);

  await using channel = await createStdioChannel(workerPath, { timeout: 10_000 });
  say("Channel established\n");
  channel.onNotification("log", (params: { message: string }) => {
    say(`[Rust Log] ${params.message}`);
  });

  section("Basic Operations");
  await show(channel, "add", { a: 42, b: 58 }, "add(42, 58)", 100);
  await show(channel, "multiply", { a: 12, b: 34 }, "multiply(12, 34)", 408);

  section("Fibonacci (Rust performance)");
  await show(channel, "fibonacci", { n: 30 }, "fibonacci(30)", 832040);
  await show(channel, "fibonacci", { n: 40 }, "fibonacci(40)", 102334155);

  section("Prime Number Check");
  await show(channel, "is_prime", { n: 17 }, "is_prime(17)", true);
  await show(channel, "is_prime", { n: 1000000007 }, "is_prime(1000000007)", true);

  section("Array Processing");
  const numbers = Array.from({ length: 1000 }, (_, index) => index + 1);
  await show(channel, "sum_array", { numbers }, "sum_array([1..1000])", 500500);

  section("Echo Test");
  await show(channel, "echo", { message: "Hello from Node.js!" }, "echo", "Hello from Node.js!");

  section("Shutdown");
  await channel.notify("shutdown", {});
  const reason = await channel.closed;
  assert.equal(reason.exitCode, 0, "the worker ends with exit code 0");
}

try {
  await main();
  say("Done");
} catch (error) {
  if (!(error instanceof ChannelError && error.code === "SPAWN_FAILED")) throw error;
  console.error(`${error.message}\n`);
  console.error("The Rust worker has to be built first. In the repository's folder:");
  console.error("  npm start                                     (builds everything, then runs this example)");
  console.error("  cargo build --release --manifest-path rust-worker/Cargo.toml");
  console.error("Or set PROCWIRE_RUST_WORKER to the path of a worker that is built already.");
  process.exitCode = 1;
}
