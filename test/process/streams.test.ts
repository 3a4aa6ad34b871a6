import type { Channel, StdioChannelOptions } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { startRust } from "../support/rust-worker.js";
import { startStreamWorker } from "../support/stream-worker.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

const MANY = { from: 2, to: 1_300_000 };
const ENDLESS = { from: 2, to: 2 ** 40 };

const WORKERS: readonly (readonly [string, (options?: StdioChannelOptions) => Promise<Channel>])[] = [
  ["a Node worker", startStreamWorker],
  ["the Rust worker", startRust],
];

/** How many items come one by one, in ascending order. */
async function countAscending(stream: AsyncIterable<number>): Promise<number> {
  let count = 0;
  let last = 0;
  for await (const item of stream) {
    if (item <= last) throw new Error(`${item} after ${last}`);
    last = item;
    count += 1;
  }
  return count;
}

describe.each(WORKERS)("a stream from %s", (_worker, start) => {
  test("gives its items in order", async () => {
    const channel = await start();
    const items: number[] = [];
    for await (const item of channel.stream<number>("primes", { from: 2, to: 30 })) items.push(item);
    expect(items).toEqual([2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
    expect(channel.stats().inFlight).toBe(0);
  });

  test("of 100,021 items arrives whole and in order", async () => {
    const channel = await start();
    expect(await countAscending(channel.stream<number>("primes", MANY))).toBe(100_021);
  });

  test("that is left by break leaves nothing pending, and the worker works on", async () => {
    const channel = await start();
    const items: number[] = [];
    for await (const item of channel.stream<number>("primes", ENDLESS)) {
      items.push(item);
      if (items.length === 3) break;
    }
    expect(items).toEqual([2, 3, 5]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, cancelled: 1 });
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
  });

  test("that is aborted ends with the signal's reason", async () => {
    const channel = await start();
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const item of channel.stream<number>("primes", ENDLESS, { signal: controller.signal })) {
        if (item === 101) controller.abort("enough");
      }
    };
    expect(await rejectionOf(read())).toBe("enough");
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
  });

  test("whose reader stops for long stops the worker, and goes on after that", async () => {
    const channel = await start({ limits: { streamWindow: 8 } });
    const stream = channel.stream<number>("primes", ENDLESS);
    await stream.next();
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
    const { bytesReceived } = channel.stats();
    for (let at = 0; at < 20; at++) await channel.request("add", { a: 1, b: 2 });
    // Twenty answers and their logs, and no flood of items.
    expect(channel.stats().bytesReceived - bytesReceived).toBeLessThan(20_000);
    for (let at = 0; at < 100; at++) expect((await stream.next()).done).toBe(false);
    await stream.return?.();
  });

  test("whose worker is killed in the middle gives the items before that, and then the reason", async () => {
    const channel = await start({ limits: { streamWindow: 4 } });
    const stream = channel.stream<number>("primes", ENDLESS);
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    process.kill(channel.pid ?? 0, "SIGKILL");
    expect(await rejectionOf(countAscending(stream))).toMatchObject({
      code: "WORKER_EXITED",
      signal: "SIGKILL",
      method: "primes",
      delivery: "unknown",
    });
    await waitFor(() => !isAlive(channel.pid ?? 0));
  });

  test("asked for by request() is refused with -32600", async () => {
    const channel = await start();
    expect(await rejectionOf(channel.request("primes", { from: 2, to: 30 }))).toMatchObject({ code: -32600 });
  });

  test("asked of a method that has none has its answer as the result, and no items", async () => {
    const channel = await start();
    expect(await channel.stream("add", { a: 1, b: 2 }).next()).toEqual({ done: true, value: 3 });
  });

  test("whose params are bad is refused before the first item", async () => {
    const channel = await start();
    const error = await rejectionOf(channel.stream("primes", { from: 2, to: "many" }).next());
    expect(error).toMatchObject({ code: -32602, method: "primes" });
  });
});

describe("a Node worker", () => {
  test("runs the finally of a generator whose stream is left", async () => {
    const channel = await startStreamWorker();
    for await (const _ of channel.stream("primes", ENDLESS)) break;
    await expect.poll(() => channel.request("state")).toMatchObject({ isOver: 1 });
  });

  test("is never more than a window ahead of the reader", async () => {
    const channel = await startStreamWorker({ limits: { streamWindow: 16 } });
    const stream = channel.stream<number>("primes", ENDLESS);
    for (let read = 1; read <= 40; read++) {
      await stream.next();
      const { made } = await channel.request<{ made: number }>("state");
      expect(made).toBeLessThanOrEqual(read + 16);
    }
    await stream.return?.();
  });

  test("whose generator throws in the middle tells so after its items", async () => {
    const channel = await startStreamWorker();
    const items: number[] = [];
    const read = async (): Promise<void> => {
      for await (const item of channel.stream<number>("failing")) items.push(item);
    };
    expect(await rejectionOf(read())).toMatchObject({ code: 7, message: "broke in the middle" });
    expect(items).toEqual([1, 2]);
  });

  test("reads 100,000 inputs", async () => {
    const channel = await startStreamWorker();
    const input = (function* () {
      for (let n = 1; n <= 100_000; n++) yield n;
    })();
    expect(await channel.request("total", {}, { input })).toBe(5_000_050_000);
  });

  test("answers inputs with items while they come", async () => {
    const channel = await startStreamWorker();
    const input = Array.from({ length: 5_000 }, (_, at) => at);
    const items: number[] = [];
    for await (const item of channel.stream<number>("double", {}, { input })) items.push(item);
    expect(items).toEqual(input.map((n) => n * 2));
  });

  test("that is killed while inputs flow ends their source", async () => {
    const channel = await startStreamWorker();
    let isOver = false;
    const input = (async function* () {
      try {
        for (let n = 0; ; n++) {
          if (n === 5_000) process.kill(channel.pid ?? 0, "SIGKILL");
          yield n;
        }
      } finally {
        isOver = true;
      }
    })();
    expect(await rejectionOf(channel.request("total", {}, { input }))).toMatchObject({ code: "WORKER_EXITED" });
    await waitFor(() => isOver);
  });
});
