import { expect, test } from "vitest";
import { ChannelError } from "../../src/index.js";
import { Outbox, type WriteStream } from "../../src/node/streams/outbox.js";
import { rejectionOf } from "../support/channels.js";

const LARGE = 16 * 1024;

/** A stream whose writes are done when the test says so. */
class SlowStream implements WriteStream {
  readonly written: string[] = [];
  readonly #callbacks: ((error?: Error | null) => void)[] = [];

  write(part: string | Uint8Array, _encoding: "utf8", callback: (error?: Error | null) => void): boolean {
    this.written.push(Buffer.from(part as Uint8Array).toString());
    this.#callbacks.push(callback);
    return true;
  }

  cork(): void {}

  uncork(): void {}

  /** The first of those under way is done. */
  done(error?: Error): void {
    this.#callbacks.shift()?.(error);
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("texts and bytes of one turn leave in the order in which they were said", async () => {
  const stream = new SlowStream();
  const outbox = new Outbox(stream);
  for (const part of ["a", bytes("b"), "c", "d", bytes("e".repeat(LARGE)), bytes("f"), "g"]) {
    if (typeof part === "string") outbox.text(part);
    else outbox.bytes(part);
  }
  await tick();
  expect(stream.written.join("")).toBe(`abcd${"e".repeat(LARGE)}fg`);
});

test("what is queued counts until the system has taken it, and not longer", async () => {
  const stream = new SlowStream();
  const outbox = new Outbox(stream);
  outbox.text("1234");
  outbox.bytes(bytes("56"));
  expect(outbox.queuedBytes).toBe(6);
  await tick();
  expect(outbox.queuedBytes).toBe(6);
  outbox.text("789");
  await tick();
  expect(outbox.queuedBytes).toBe(9);
  stream.done();
  expect(outbox.queuedBytes).toBe(3);
  stream.done();
  expect(outbox.queuedBytes).toBe(0);
});

test("a flush waits for the writes before it, and not for those after it", async () => {
  const stream = new SlowStream();
  const outbox = new Outbox(stream);
  let flushes = 0;
  outbox.text("before");
  void outbox.flushed().then(() => (flushes += 1));
  await tick();
  outbox.text("after");
  await tick();
  expect(flushes).toBe(0);
  stream.done();
  await tick();
  expect(flushes).toBe(1);
});

test("a flush whose write failed rejects with what ended the link", async () => {
  const stream = new SlowStream();
  const outbox = new Outbox(stream);
  outbox.text("lost");
  const flushed = rejectionOf(outbox.flushed());
  await tick();
  stream.done(new Error("EPIPE"));
  const cause = new ChannelError("WORKER_EXITED", "It has gone.");
  outbox.end(cause);
  expect(await flushed).toBe(cause);
});

test("a flush that nobody waits for is no unhandled rejection", async () => {
  const outbox = new Outbox(new SlowStream());
  outbox.text("lost");
  void outbox.flushed();
  outbox.end(new ChannelError("CHANNEL_CLOSED", "It is over."));
  // One that is not handled would be told at the end of this turn, and fail the run.
  await tick();
  expect(outbox.queuedBytes).toBe(0);
});

test("nothing is written after the end, and a flush rejects", async () => {
  const stream = new SlowStream();
  const outbox = new Outbox(stream);
  outbox.text("too late");
  const waiting = rejectionOf(outbox.flushed());
  const cause = new ChannelError("CHANNEL_CLOSED", "It is over.");
  outbox.end(cause);
  outbox.text("and this");
  outbox.bytes(bytes("and that"));
  await tick();
  expect([await waiting, await rejectionOf(outbox.flushed())]).toEqual([cause, cause]);
  expect(stream.written).toEqual([]);
  expect(outbox.queuedBytes).toBe(0);
});
