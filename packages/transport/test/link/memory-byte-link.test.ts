import { expect, test } from "vitest";
import { createChannel, createMemoryByteLinks, type ChannelError, type ByteReceiver } from "../../src/index.js";
import { latin1, utf8 } from "../support/frames.js";

/** Collects what a link delivers. */
class Listener implements ByteReceiver {
  readonly chunks: string[] = [];
  readonly ends: ChannelError[] = [];

  data(chunk: Uint8Array): void {
    this.chunks.push(latin1(chunk));
  }

  end(cause: ChannelError): void {
    this.ends.push(cause);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("chunks arrive in order, later, and what was sent before anybody listened comes first", async () => {
  const [left, right] = createMemoryByteLinks();
  const seen = new Listener();
  left.text("a");
  await settled();
  left.bytes(utf8("b"));
  right.start(seen);
  left.text("c");
  expect(seen.chunks).toEqual([]);
  await settled();
  left.text("d");
  await settled();
  expect(seen.chunks.join("")).toBe("abcd");
});

test("the end comes once, after what was sent before it", async () => {
  const [left, right] = createMemoryByteLinks();
  const seen = new Listener();
  right.start(seen);
  left.text("last");
  await left.close();
  await left.close();
  await settled();
  expect(seen.chunks).toEqual(["last"]);
  expect(seen.ends).toMatchObject([{ code: "CHANNEL_CLOSED" }]);
});

test("who starts to listen after the end hears of it, after what was sent before it", async () => {
  const [left, right] = createMemoryByteLinks();
  left.text("early");
  await left.close();
  await settled();
  const seen = new Listener();
  right.start(seen);
  expect(seen.ends).toEqual([]);
  await settled();
  expect(seen.chunks).toEqual(["early"]);
  expect(seen.ends).toMatchObject([{ code: "CHANNEL_CLOSED" }]);
});

test("a channel over a link that has ended ends", async () => {
  const [left, right] = createMemoryByteLinks();
  await left.close();
  await settled();
  expect(await createChannel({ link: right }).closed).toMatchObject({ code: "CHANNEL_CLOSED" });
});

test("what is written after the end is dropped, and a flush says so", async () => {
  const [left, right] = createMemoryByteLinks();
  const seen = new Listener();
  right.start(seen);
  await left.close();
  left.text("late");
  await settled();
  expect(seen.chunks).toEqual([]);
  await expect(left.flushed()).rejects.toMatchObject({ code: "CHANNEL_CLOSED" });
  await expect(right.flushed()).rejects.toMatchObject({ code: "CHANNEL_CLOSED" });
});
