// Inputs that a Node caller streams to the Rust worker: their digest says that all of them arrived, in order.

import { createHash } from "node:crypto";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import { LengthPrefixedFraming, type Channel, type RequestOptions } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { startRust } from "../support/rust-worker.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";

type Item = string | Uint8Array;

interface Codec {
  readonly name: string;
  start(): Promise<Channel>;
  /** An input of so many bytes. */
  item(at: number, bytes: number): Item;
}

const codecs: readonly Codec[] = [
  {
    name: "texts in JSON",
    start: () => startRust({ args: ["--quiet"], timeout: 20_000 }),
    item: (at, bytes) => `${at} é `.padEnd(bytes, "x"),
  },
  {
    name: "bytes in MessagePack",
    start: () =>
      startRust({
        args: ["--quiet", "--framing", "length", "--codec", "msgpack"],
        framing: new LengthPrefixedFraming(),
        codec: new MessagePackCodec(),
        timeout: 20_000,
      }),
    item: (at, bytes) => new Uint8Array(bytes).fill(at),
  },
];

function digestOf(items: Iterable<Item>): string {
  const hash = createHash("sha256");
  for (const item of items) hash.update(item);
  return hash.digest("hex");
}

function hash(channel: Channel, input: RequestOptions["input"], options: RequestOptions = {}): Promise<string> {
  return channel.request<string>(
    "hash",
    { algorithm: "sha256" },
    { ...options, ...(input === undefined ? {} : { input }) },
  );
}

/** A source that tells how far it is, and whether it was let go. */
class Source {
  made = 0;
  isOver = false;

  async *items(count: number, item: (at: number) => Item): AsyncGenerator<Item> {
    try {
      while (this.made < count) yield Promise.resolve(item(this.made++));
    } finally {
      this.isOver = true;
    }
  }
}

describe.each(codecs)("$name", (codec) => {
  test.each([
    [0, 10],
    [1, 10],
    [1_024, 10],
    [5_000, 1_000],
    [20, 1_000_000],
  ])("%i inputs of %i bytes arrive complete and in order", async (count, bytes) => {
    const channel = await codec.start();
    const items = Array.from({ length: count }, (_, at) => codec.item(at, bytes));
    expect(await hash(channel, items)).toBe(digestOf(items));
  });

  test("inputs of twenty requests at once reach each its own", async () => {
    const channel = await codec.start();
    const lists = Array.from({ length: 20 }, (_, n) =>
      Array.from({ length: 100 * n }, (_, at) => codec.item(at + n, 50)),
    );
    const digests = await Promise.all(
      lists.map((items) =>
        hash(
          channel,
          new Source().items(items.length, (at) => items[at]!),
        ),
      ),
    );
    expect(digests).toEqual(lists.map(digestOf));
  });

  test("a source that fails fails its request with its error, and the worker goes on", async () => {
    const channel = await codec.start();
    const failure = new Error("the disk is gone");
    const source = new Source();
    const input = source.items(100, (at) => {
      if (at === 50) throw failure;
      return codec.item(at, 10);
    });
    expect(await rejectionOf(hash(channel, input))).toBe(failure);
    expect(await hash(channel, [codec.item(1, 5)])).toBe(digestOf([codec.item(1, 5)]));
    expect(channel.stats()).toMatchObject({ inFlight: 0, failed: 1, succeeded: 1 });
  });

  test("an input that can't be hashed is refused by the worker, and the source is let go", async () => {
    const channel = await codec.start();
    const source = new Source();
    const input = source.items(Infinity, (at) => (at === 2_000 ? (7 as unknown as Item) : codec.item(at, 10)));
    expect(await rejectionOf(hash(channel, input))).toMatchObject({ code: -32602, method: "hash" });
    await waitFor(() => source.isOver);
    expect(await hash(channel, [])).toBe(digestOf([]));
  });

  test.each(["an abort", "a timeout"])("%s ends the source of endless inputs", async (how) => {
    const channel = await codec.start();
    const controller = new AbortController();
    const source = new Source();
    const options = how === "an abort" ? { signal: controller.signal } : { timeout: 200 };
    const call = rejectionOf(
      hash(
        channel,
        source.items(Infinity, (at) => codec.item(at, 100)),
        options,
      ),
    );
    await waitFor(() => source.made > 3_000);
    controller.abort("enough");
    expect(await call).toEqual(how === "an abort" ? "enough" : expect.objectContaining({ code: "TIMEOUT" }));
    await waitFor(() => source.isOver);
    const { made } = source;
    expect(await hash(channel, [])).toBe(digestOf([]));
    expect(source.made).toBe(made);
  });
});
