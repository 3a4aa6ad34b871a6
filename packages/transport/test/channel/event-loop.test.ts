import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openPair, openPipes, openWithPeer } from "../support/channels.js";

const LINKS = [
  ["memory", openPair],
  ["Node streams", openPipes],
] as const;
const EVERYTHING = 2 ** 53 - 1;

function* endless(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

async function* endlessLater(): AsyncGenerator<number> {
  for (let n = 0; ; n++) yield n;
}

/** Counts the event loop's turns until the test is over. */
function countTurns(): { turns: number } {
  const count = { turns: 0 };
  const timer = setInterval(() => (count.turns += 1), 1);
  onTestFinished(() => {
    clearInterval(timer);
  });
  return count;
}

describe("a side that asks for all inputs at once", () => {
  test.each([
    ["a generator", endless],
    ["an async generator", endlessLater],
    ["slow items", () => slowly(endless())],
  ])("of %s does not keep the event loop: a timeout comes in time", async (_, input) => {
    const { channel, peer } = openWithPeer({ limits: { maxQueuedBytes: Infinity } });
    const loop = countTurns();
    const call = channel.request("m", {}, { input: input(), timeout: 200 }).catch((error: unknown) => error);
    await peer.next();
    peer.send({ method: "$/input/pull", params: { id: 1, count: EVERYTHING } });
    expect(await call).toMatchObject({ code: "TIMEOUT" });
    expect(loop.turns).toBeGreaterThan(3);
  });
});

/** Each takes a few milliseconds to make. */
function* slowly(items: Generator<number>): Generator<number> {
  for (const item of items) {
    for (const until = performance.now() + 3; performance.now() < until;);
    yield item;
  }
}

describe("a side that asks for all items of a stream at once", () => {
  test("does not keep the handler's side from hearing a cancel", async () => {
    const { channel, peer } = openWithPeer({ answersUnreadable: true, limits: { maxQueuedBytes: Infinity } });
    const loop = countTurns();
    channel.onRequest("count", () => endlessLater());
    for (let id = 1; id <= 20; id++) {
      peer.send({ method: "$/stream/pull", params: { id, count: EVERYTHING } }, { id, method: "count" });
    }
    await vi.waitFor(() => expect(peer.seen.length).toBeGreaterThan(100));
    for (let id = 1; id <= 20; id++) peer.send({ method: "$/cancelRequest", params: { id } });
    await channel.idle();
    expect(channel.stats().running).toBe(0);
    expect(loop.turns).toBeGreaterThan(3);
  });
});

describe.each(LINKS)("over %s, both ends of an endless stream in one process", (_link, openPair) => {
  test("leave the event loop its turns", async () => {
    const { left, right } = openPair({}, { limits: { streamWindow: Infinity } });
    const loop = countTurns();
    right.onRequest("count", () => endlessLater());
    let read = 0;
    for await (const item of left.stream<number>("count")) {
      if (item !== read) throw new Error(`item ${item} in the place of ${read}`);
      read += 1;
      if (loop.turns > 20) break;
    }
    expect(read).toBeGreaterThan(20);
    await right.idle();
  });
});
