/** A parent in Node with a worker in Node: requests both ways, notifications, progress, errors, cancellation. */
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { createStdioChannel, RpcError } from "@procwire/transport";

const worker = fileURLToPath(new URL("worker.ts", import.meta.url));

// The worker is started by the same Node with the same loader as this file.
await using channel = await createStdioChannel(process.execPath, {
  args: [...process.execArgv, worker],
  timeout: 10_000,
  stderr: (line) => console.log(`Worker's stderr: ${line}`),
});
channel.onNotification("log", (params: { message: string }) => console.log(`Worker's log: ${params.message}`));
channel.onRequest("parentName", () => "the parent");

const sum: unknown = await channel.request("add", { a: 2, b: 3 });
console.log(`add(2, 3) = ${String(sum)}`);
assert.equal(sum, 5);

const greeting: unknown = await channel.request("greet", { name: "Ada" });
console.log(`greet = ${String(greeting)}`);
assert.equal(greeting, "Hello, Ada!");

const answer: unknown = await channel.request("whoAmI");
console.log(`whoAmI = ${String(answer)}`);
assert.equal(answer, "You are the parent.");

const seen: number[] = [];
const onProgress = ({ left }: { left: number }): void => void seen.push(left);
assert.equal(await channel.request("countdown", { from: 3 }, { onProgress }), "lift-off");
console.log(`countdown reported ${seen.join(", ")}`);
assert.deepEqual(seen, [3, 2, 1]);

const failure: unknown = await channel.request("divide", { a: 1, b: 0 }).catch((error: unknown) => error);
assert(failure instanceof RpcError);
console.log(`divide by zero = ${failure.code} ${failure.message}`);
assert.equal(failure.code, -32602);

const cancelled: unknown = await channel
  .request("countdown", { from: 1_000_000 }, { signal: AbortSignal.timeout(30) })
  .catch((error: unknown) => error);
assert(cancelled instanceof DOMException);
console.log(`cancelled = ${cancelled.name}`);
assert.equal(cancelled.name, "TimeoutError");

await channel.close();
console.log("Done");
