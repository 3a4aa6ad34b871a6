// The worker of the sessions, for any runtime that knows Node's API: what it serves, the Rust worker serves as well, but
// for `print` and `block`. Arguments are those of the Rust worker.

import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { MessagePackCodec } from "@procwire/codec-msgpack";
import { RpcError, serveStdio } from "@procwire/transport/worker";

const args = process.argv.slice(2);
const binary = args.includes("msgpack");

/** @type {Record<string, import("@procwire/transport").RequestHandler>} */
const methods = {
  add: (params) => {
    const { a, b } = /** @type {{ a: unknown, b: unknown }} */ (params);
    if (typeof a !== "number" || typeof b !== "number") throw new RpcError(-32602, "a and b are numbers");
    if (!args.includes("--quiet")) void channel.notify("log", { message: `add ${a} ${b}` });
    return a + b;
  },
  echo: (params) => /** @type {{ message: unknown }} */ (params).message,
  primes: async function* (params) {
    const { from, to } = /** @type {{ from: number, to: number }} */ (params);
    let count = 0;
    for (let n = Math.max(from, 2); n <= to; n++) {
      if (!isPrime(n)) continue;
      count += 1;
      yield n;
    }
    return count;
  },
  hash: async (_params, { input }) => {
    const hash = createHash("sha256");
    for await (const text of input) hash.update(/** @type {string} */ (text));
    return hash.digest("hex");
  },
  is_prime_many: async (params, context) => {
    const { numbers } = /** @type {{ numbers: number[] }} */ (params);
    await context.progress({ done: 0, total: numbers.length });
    return numbers.map((n) => n % 2 === 1);
  },
  // As long as the Rust worker takes for the 93rd number, which is longer than anybody waits.
  fibonacci_recursive: (_params, { signal }) => sleep(1e9, undefined, { signal }),
  print: () => {
    console.log('{"jsonrpc":"2.0","id":1,"result":"printed by console.log"}');
    writeSync(1, "printed by a library\n");
    return "printed";
  },
  block: () => {
    for (;;);
  },
};

const channel = serveStdio(methods, binary ? { framing: "length", codec: new MessagePackCodec() } : {});

/** @param {number} n */
function isPrime(n) {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
}
