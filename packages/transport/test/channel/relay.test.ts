// Another library on top of a channel: whole messages in and out.

import { describe, expect, test, vi } from "vitest";
import { lsp, mcp, type ChannelError, type Dialect } from "../../src/index.js";
import { Relay } from "../../src/channel/around/relay.js";
import { next, open, turns } from "../dialects/support.js";

const DATA = { code: "CHANNEL_CLOSED", delivery: "unknown" };

/** What the library gets. */
interface Got {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

async function openRelay(dialect: Dialect, onMessage?: (message: object) => void) {
  const { channel, peer, errors } = open(dialect);
  const got: Got[] = [];
  const ends: ChannelError[] = [];
  const relay = new Relay(channel, {
    dialect,
    lostCode: -32097,
    repeatsHello: false,
    onMessage: onMessage ?? ((message) => void got.push(message)),
    onError: (error) => void errors.push(error),
    onEnd: (cause) => void ends.push(cause),
  });
  await relay.take({ jsonrpc: "2.0", id: 0, method: "initialize", params: {} });
  peer.send({ id: (await next(peer)).id, result: { capabilities: {} } });
  await vi.waitFor(() => expect(onMessage === undefined ? got.length : 1).toBe(1));
  await turns();
  await relay.take({ jsonrpc: "2.0", method: dialect.hello?.done, params: {} });
  await next(peer);
  got.length = 0;
  return { channel, peer, errors, relay, got, ends };
}

test("requests keep the ids of the library, whatever they are on the wire; errors keep code, message and data", async () => {
  const { relay, peer, got } = await openRelay(lsp);
  for (const id of ["seven", 7, "7"]) await relay.take({ jsonrpc: "2.0", id, method: "a", params: { id } });
  const sent = [await next(peer), await next(peer), await next(peer)];
  peer.send({ id: sent[2]!.id, error: { code: -32803, message: "failed", data: { why: 1 } } });
  peer.send({ id: sent[0]!.id, result: [1] }, { id: sent[1]!.id, result: null });
  await vi.waitFor(() => expect(got).toHaveLength(3));
  expect(got).toEqual(
    expect.arrayContaining([
      { jsonrpc: "2.0", id: "7", error: { code: -32803, message: "failed", data: { why: 1 } } },
      { jsonrpc: "2.0", id: "seven", result: [1] },
      { jsonrpc: "2.0", id: 7, result: null },
    ]),
  );
});

test("answers, notifications and requests that arrive in one chunk come in that order", async () => {
  const { relay, peer, got } = await openRelay(lsp);
  await relay.take({ jsonrpc: "2.0", id: 1, method: "a" });
  const { id } = await next(peer);
  peer.send({ method: "one" }, { id, result: 2 }, { id: 9, method: "three" }, { method: "four", params: [4] });
  await vi.waitFor(() => expect(got).toHaveLength(4));
  expect(got.map(({ method, result }) => method ?? result)).toEqual(["one", 2, "three", "four"]);
});

test("progress whose token happens to be the id of a request reaches the library", async () => {
  const { relay, peer, got } = await openRelay(mcp);
  await relay.take({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { _meta: { progressToken: 1 } } });
  const { id } = await next(peer);
  const params = { progressToken: id, progress: 1 };
  peer.send({ method: "notifications/progress", params });
  await vi.waitFor(() => expect(got).toHaveLength(1));
  expect(got[0]).toMatchObject({ method: "notifications/progress", params });
});

describe("a cancel by the library goes by the id on the wire", () => {
  test("lsp: and is answered", async () => {
    const { relay, peer, got } = await openRelay(lsp);
    await relay.take({ jsonrpc: "2.0", id: "mine", method: "a" });
    const { id } = await next(peer);
    await relay.take({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: "mine" } });
    expect(await next(peer)).toMatchObject({ method: "$/cancelRequest", params: { id } });
    await vi.waitFor(() => expect(got).toHaveLength(1));
    expect(got[0]).toMatchObject({ id: "mine", error: { code: -32800 } });
  });

  test("mcp: and is not answered", async () => {
    const { relay, peer, got } = await openRelay(mcp);
    await relay.take({ jsonrpc: "2.0", id: "mine", method: "a" });
    const { id } = await next(peer);
    await relay.take({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "mine" } });
    expect(await next(peer)).toMatchObject({ method: "notifications/cancelled", params: { requestId: id } });
    peer.send({ method: "after" });
    await vi.waitFor(() => expect(got).toHaveLength(1));
    expect(got[0]).toMatchObject({ method: "after" });
  });

  test("of a request that nobody made does nothing", async () => {
    const { relay, peer, errors } = await openRelay(lsp);
    await relay.take({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 77 } });
    await relay.take({ jsonrpc: "2.0", method: "$/cancelRequest" });
    await relay.take({ jsonrpc: "2.0", method: "next" });
    expect(await next(peer)).toMatchObject({ method: "next" });
    expect(errors).toEqual([]);
  });
});

test("requests of the other side are answered under their own ids, by results and by errors", async () => {
  const { relay, peer, got } = await openRelay(lsp);
  peer.send({ id: "a", method: "ask", params: { n: 1 } }, { id: "b", method: "ask" }, { id: "c", method: "ask" });
  await vi.waitFor(() => expect(got).toHaveLength(3));
  expect(got[0]).toMatchObject({ method: "ask", params: { n: 1 } });
  await relay.take({ jsonrpc: "2.0", id: got[1]!.id, error: { code: 12, message: "no", data: 1 } });
  await relay.take({ jsonrpc: "2.0", id: got[0]!.id, result: "yes" });
  await relay.take({ jsonrpc: "2.0", id: got[2]!.id, error: { code: "no number" } });
  const answers = [await next(peer), await next(peer), await next(peer)];
  expect(answers).toEqual(
    expect.arrayContaining([
      { jsonrpc: "2.0", id: "a", result: "yes" },
      { jsonrpc: "2.0", id: "b", error: { code: 12, message: "no", data: 1 } },
      expect.objectContaining({ id: "c", error: expect.objectContaining({ code: -32603 }) as unknown }),
    ]),
  );
});

test("a request of the other side that is cancelled is cancelled for the library, whose answer is dropped", async () => {
  const { relay, peer, got, errors } = await openRelay(lsp);
  peer.send({ id: "a", method: "ask" });
  await vi.waitFor(() => expect(got).toHaveLength(1));
  peer.send({ method: "$/cancelRequest", params: { id: "a" } });
  expect(await next(peer)).toMatchObject({ id: "a", error: { code: -32800 } });
  await vi.waitFor(() => expect(got).toHaveLength(2));
  expect(got[1]).toEqual({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: got[0]!.id } });
  await relay.take({ jsonrpc: "2.0", id: got[0]!.id, result: "late" });
  await relay.take({ jsonrpc: "2.0", method: "next" });
  expect(await next(peer)).toMatchObject({ method: "next" });
  expect(errors).toEqual([]);
});

test("when the channel ends every request is answered with the reason, and the end comes after that", async () => {
  const { channel, relay, got, ends } = await openRelay(mcp, undefined);
  await relay.take({ jsonrpc: "2.0", id: 1, method: "a" });
  await relay.take({ jsonrpc: "2.0", id: 2, method: "b" });
  await channel.close();
  await vi.waitFor(() => expect(ends).toHaveLength(1));
  expect(got).toHaveLength(2);
  expect(got[0]).toMatchObject({ id: 1, error: { code: -32097, data: DATA } });
  expect(ends[0]).toMatchObject({ code: "CHANNEL_CLOSED" });
  await relay.take({ jsonrpc: "2.0", id: 3, method: "c" });
  await turns();
  expect(got).toHaveLength(2);
  expect(ends).toHaveLength(1);
});

test("what can't be sent is answered, or refused: params that are no JSON, an id that is in use, a method that is no name", async () => {
  const { relay, got } = await openRelay(lsp);
  await relay.take({ jsonrpc: "2.0", id: 1, method: "a", params: { big: 1n } });
  await vi.waitFor(() => expect(got).toHaveLength(1));
  expect(got[0]).toMatchObject({
    id: 1,
    error: { code: -32097, data: { code: "ENCODE_FAILED", delivery: "not-sent" } },
  });
  await relay.take({ jsonrpc: "2.0", id: 2, method: "a" });
  await expect(relay.take({ jsonrpc: "2.0", id: 2, method: "b" })).rejects.toThrow("a request with the id 2 waits");
  await expect(relay.take({ jsonrpc: "2.0", method: 7 })).rejects.toThrow("must be a string");
  await expect(relay.take({ jsonrpc: "2.0", method: "a", params: { big: 1n } })).rejects.toMatchObject({
    code: "ENCODE_FAILED",
  });
});

test("a library that throws when it gets a message is told of in onError, and gets the next", async () => {
  const seen: Got[] = [];
  const { peer, errors } = await openRelay(lsp, (message) => {
    seen.push(message);
    throw new Error("the library's mistake");
  });
  errors.length = 0;
  peer.send({ method: "one" }, { method: "two" });
  await vi.waitFor(() => expect(errors).toHaveLength(2));
  expect(seen.slice(-2)).toMatchObject([{ method: "one" }, { method: "two" }]);
});
