// The sessions, each with a worker of its own, which must be gone afterwards.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { MessagePackCodec } from "@procwire/codec-msgpack";
import { ChannelError, createStdioChannel, RpcError } from "@procwire/transport";

/** @typedef {import("./sessions.mjs").Worker} Worker */
/** @typedef {import("./sessions.mjs").Case} Case */
/** @typedef {import("@procwire/transport").Channel} Channel */
/** @typedef {import("@procwire/transport").StdioChannelOptions} Options */

/** @type {Case[]} */
export const cases = [
  session("answers requests, and a thousand in flight", async (channel) => {
    assert.equal(await channel.request("echo", { message: "naïve — 日本語 \u2028 😀" }), "naïve — 日本語 \u2028 😀");
    const sums = Array.from({ length: 1000 }, (_, n) => channel.request("add", { a: n, b: 1 }));
    assert.deepEqual(
      await Promise.all(sums),
      sums.map((_, n) => n + 1),
    );
  }),
  session("answers one request after the other", async (channel) => {
    for (let n = 0; n < 500; n++) assert.equal(await channel.request("add", { a: n, b: 1 }), n + 1);
  }),
  session("answers a batch", async (channel) => {
    const settled = await channel.batch([{ method: "add", params: { a: 1, b: 2 } }, { method: "no such method" }]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
  }),
  session("refuses an unknown method and wrong params", async (channel) => {
    for (const [method, code] of /** @type {const} */ ([
      ["no such method", -32601],
      ["add", -32602],
    ])) {
      const error = await rejectionOf(channel.request(method, { a: {}, b: 1 }));
      assert.ok(error instanceof RpcError);
      assert.equal(error.code, code);
    }
  }),
  session("streams items, and ends a stream that is left", async (channel) => {
    const primes = [];
    for await (const prime of channel.stream("primes", { from: 1, to: 30_000 })) primes.push(prime);
    assert.equal(primes.length, 3245);
    for await (const prime of channel.stream("primes", { from: 1, to: 1_000_000_000 })) if (prime === 7) break;
    assert.equal(await channel.request("add", { a: 1, b: 1 }), 2);
  }),
  session("takes inputs", async (channel) => {
    const pieces = Array.from({ length: 3000 }, (_, n) => `piece ${n};`);
    const digest = createHash("sha256").update(pieces.join("")).digest("hex");
    const answer = await channel.request("hash", { algorithm: "sha256" }, { input: pieces });
    assert.equal(answer, digest);
  }),
  session(
    "tells of progress, and notifies",
    async (channel) => {
      const [log, progress] = [/** @type {unknown[]} */ ([]), /** @type {unknown[]} */ ([])];
      channel.onNotification("log", (params) => void log.push(params));
      await channel.request("add", { a: 1, b: 1 });
      // Large primes: the Rust worker says how far it is when it needs a while.
      const numbers = Array.from({ length: 1_000_000 }, () => 9_007_199_254_740_881);
      await channel.request("is_prime_many", { numbers }, { onProgress: (value) => void progress.push(value) });
      assert.ok(log.length > 0, "no notification arrived");
      assert.ok(progress.length > 0, "no progress was told");
    },
    { quiet: false },
  ),
  session("cancels by a signal, and by a timeout", async (channel) => {
    const controller = new AbortController();
    const cancelled = rejectionOf(channel.request("fibonacci_recursive", { n: 93 }, { signal: controller.signal }));
    await channel.request("add", { a: 1, b: 1 });
    controller.abort();
    assert.equal(/** @type {Error} */ (await cancelled).name, "AbortError");
    const late = await rejectionOf(channel.request("fibonacci_recursive", { n: 93 }, { timeout: 50 }));
    assert.equal(codeOf(late), "TIMEOUT");
    assert.equal(await channel.request("add", { a: 1, b: 1 }), 2);
  }),
  session("carries 16 MiB there and back, and refuses what is too large", async (channel) => {
    const text = "0123456789abcdef".repeat(1 << 20);
    assert.ok((await channel.request("echo", { message: text })) === text);
    const error = await rejectionOf(channel.request("echo", { message: "x".repeat(64 << 20) }));
    assert.equal(codeOf(error), "MESSAGE_TOO_LARGE");
    assert.equal(await channel.request("add", { a: 1, b: 1 }), 2);
  }),
  session(
    "carries bytes and typed arrays by MessagePack",
    async (channel) => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251);
      const answer = await channel.request("echo", { message: { bytes, floats: new Float64Array([1.5, -0, NaN]) } });
      const message = /** @type {{ bytes: Uint8Array, floats: Float64Array }} */ (answer);
      assert.ok(Buffer.from(message.bytes).equals(bytes));
      assert.deepEqual([...message.floats], [1.5, -0, NaN]);
      assert.equal(await channel.request("echo", { message: 2n ** 60n }), 2n ** 60n);
    },
    { binary: true },
  ),
  session("tells of a worker that is killed", async (channel) => {
    const lost = rejectionOf(channel.request("fibonacci_recursive", { n: 93 }));
    await channel.request("add", { a: 1, b: 1 });
    process.kill(pidOf(channel), "SIGKILL");
    const error = await lost;
    assert.ok(error instanceof ChannelError);
    assert.deepEqual([error.code, error.signal, error.delivery], ["WORKER_EXITED", "SIGKILL", "unknown"]);
    assert.equal((await channel.closed).code, "WORKER_EXITED");
  }),
  session(
    "starts the next worker",
    async (channel) => {
      await channel.request("add", { a: 1, b: 1 });
      const before = pidOf(channel);
      process.kill(before, "SIGKILL");
      await until(() => channel.pid !== undefined && channel.pid !== before && channel.state === "ready", "no restart");
      assert.equal(await channel.request("add", { a: 2, b: 2 }), 4);
    },
    { options: { restart: { minDelayMs: 1 } } },
  ),
  session("ends a worker by SIGTERM", async (channel) => {
    await channel.request("add", { a: 1, b: 1 });
    process.kill(pidOf(channel), "SIGTERM");
    const end = await channel.closed;
    assert.deepEqual([end.code, end.exitCode], ["WORKER_EXITED", 0]);
  }),
  session(
    "keeps what is printed out of the messages",
    async (channel) => {
      for (let n = 0; n < 20; n++) assert.equal(await channel.request("print"), "printed");
    },
    { nodeOnly: true, options: { onNoise: () => undefined } },
  ),
  {
    name: "keeps what is printed out of a pipe, too",
    nodeOnly: true,
    async run({ command, args }) {
      const shell = ["-c", 'cat | "$@" | cat', "sh", command, ...args, "--quiet"];
      const options = { args: shell, stderr: /** @type {const} */ ("ignore"), answerPipe: false };
      const channel = await createStdioChannel("sh", options);
      await ending(channel, async () => {
        for (let n = 0; n < 20; n++) assert.equal(await channel.request("print"), "printed");
      });
    },
  },
  session(
    "kills a worker whose handler computes for ever",
    async (channel) => {
      const lost = rejectionOf(channel.request("block"));
      await channel.close();
      assert.equal(codeOf(await lost), "CHANNEL_CLOSED");
    },
    { nodeOnly: true, options: { shutdown: { graceMs: 100, termMs: 100 } } },
  ),
  session(
    "guards a worker",
    async (channel) => {
      assert.equal(await channel.request("add", { a: 1, b: 1 }), 2);
    },
    { options: { guard: true } },
  ),
  {
    name: "lets the process end while a channel is idle",
    async run(worker) {
      const channel = await createStdioChannel(worker.command, { args: [...worker.args, "--quiet"] });
      await channel.request("add", { a: 1, b: 1 });
      channel.unref();
    },
  },
  {
    name: "says that a program can't be started",
    async run() {
      assert.equal(codeOf(await rejectionOf(createStdioChannel("no-such-program-anywhere"))), "SPAWN_FAILED");
    },
  },
  {
    name: "runs a worker by its URL",
    nodeOnly: true,
    async run() {
      const channel = await createStdioChannel(new URL("./worker.mjs", import.meta.url));
      await ending(channel, async () => assert.equal(await channel.request("add", { a: 1, b: 1 }), 2));
    },
  },
];

/**
 * @param {string} name
 * @param {(channel: Channel) => Promise<void>} talk
 * @param {{ binary?: boolean, quiet?: boolean, nodeOnly?: boolean, options?: Options }} [settings]
 * @returns {Case}
 */
function session(name, talk, { binary = false, quiet = true, nodeOnly = false, options = {} } = {}) {
  return {
    name,
    nodeOnly,
    async run({ command, args }) {
      const all = [
        ...args,
        ...(quiet ? ["--quiet"] : []),
        ...(binary ? "--framing length --codec msgpack".split(" ") : []),
      ];
      /** @type {Options} */
      const stack = binary ? { framing: "length", codec: new MessagePackCodec() } : {};
      const channel = await createStdioChannel(command, { stderr: "ignore", ...options, ...stack, args: all });
      await ending(channel, () => talk(channel));
    },
  };
}

/**
 * @param {Channel} channel
 * @param {() => Promise<void>} talk
 */
async function ending(channel, talk) {
  const { pid } = channel;
  try {
    await talk();
  } finally {
    await channel.close();
  }
  for (const each of [pid, channel.pid]) {
    if (each !== undefined) assert.equal(isAlive(each), false, `process ${each} is still there after close()`);
  }
}

/** @param {Promise<unknown>} promise */
function rejectionOf(promise) {
  return promise.then(
    () => new Error("it was fulfilled"),
    (/** @type {unknown} */ error) => error,
  );
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof ChannelError ? error.code : error;
}

/** @param {Channel} channel */
function pidOf({ pid }) {
  assert.ok(pid !== undefined, "the channel names no process");
  return pid;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * @param {() => boolean} condition
 * @param {string} otherwise
 */
async function until(condition, otherwise) {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 1000, otherwise);
    await sleep(10);
  }
}
