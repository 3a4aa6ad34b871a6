import { describe, expect, test } from "vitest";
import { acp, lsp, mcp, type ChannelError, type Dialect } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { greet, next, open, openGreeted, turns } from "./support.js";

const methods = (seen: readonly { method?: string }[]): (string | undefined)[] => seen.map(({ method }) => method);

describe.each<[string, Dialect]>([
  ["lsp", lsp],
  ["mcp", mcp],
  ["acp", acp],
])("%s, hello", (_name, dialect) => {
  test("what is said after the question waits for the answer, and for what follows it", async () => {
    const opened = open(dialect);
    const { channel, peer } = opened;
    const greeted = greet(opened, dialect);
    const early = channel.request("work", { n: 1 });
    void channel.notify("note", { n: 2 });
    await greeted;
    const first = await next(peer);
    expect(first).toMatchObject({ method: "work", params: { n: 1 } });
    expect(await peer.next()).toMatchObject({ method: "note" });
    expect(methods(peer.seen).slice(0, -2)).toEqual(
      ["initialize", dialect.hello?.done].filter((method) => method !== undefined),
    );
    peer.send({ id: first.id, result: 1 });
    expect(await early).toBe(1);
  });

  test("who does not say what follows the answer is not kept waiting for it", async () => {
    const { channel, peer } = open(dialect);
    const hello = channel.request("initialize", {});
    void channel.request("work").catch(() => undefined);
    const { id } = await next(peer);
    peer.send({ id, result: {} });
    await hello;
    expect(await peer.next()).toMatchObject({ method: "work" });
  });

  test("an answer that is an error lets everything leave: the other side will say why not", async () => {
    const { channel, peer } = open(dialect);
    const hello = rejectionOf(channel.request("initialize", {}));
    void channel.request("work").catch(() => undefined);
    const { id } = await next(peer);
    peer.send({ id, error: { code: -32603, message: "no" } });
    expect(await hello).toMatchObject({ message: "no" });
    expect(await peer.next()).toMatchObject({ method: "work" });
  });

  test("a signal and a timeout take out what waits, and it never leaves", async () => {
    const opened = open(dialect);
    const { channel, peer } = opened;
    const greeted = greet(opened, dialect);
    const controller = new AbortController();
    const aborted = rejectionOf(channel.request("a", {}, { signal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await aborted).toMatchObject({ message: "enough" });
    await greeted;
    await turns();
    expect(methods(peer.seen)).not.toContain("a");
  });

  test("close settles what waits as not sent", async () => {
    const { channel, peer } = open(dialect);
    void channel.request("initialize", {}).catch(() => undefined);
    const early = rejectionOf(channel.request("work"));
    await peer.next();
    const closing = channel.close();
    expect(await early).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    peer.toChannel.end();
    await closing;
  });
});

describe.each<[string, Dialect]>([
  ["lsp", lsp],
  ["acp", acp],
])("%s, before the hello", (name, dialect) => {
  test("requests wait for it, and a timeout says so", async () => {
    const { channel, peer } = open(dialect);
    const failure = (await rejectionOf(channel.request("work", {}, { timeout: 5 }))) as ChannelError;
    expect(failure).toMatchObject({ code: "TIMEOUT", delivery: "not-sent" });
    expect(failure.message).toContain(`In the dialect ${name} nothing is sent before the request "initialize"`);
    expect(peer.seen).toEqual([]);
  });

  test("who waits for long is warned of it", async () => {
    const { channel, errors } = open(dialect, { warnAfterMs: 1 });
    void channel.request("work").catch(() => undefined);
    await expect.poll(() => errors.length).toBe(1);
    expect((errors[0] as Error).message).toContain('before the request "initialize": make that first');
  });

  test("they leave in order after it, whoever was first", async () => {
    const opened = open(dialect);
    const { channel, peer } = opened;
    void channel.request("first").catch(() => undefined);
    void channel.request("second").catch(() => undefined);
    await greet(opened, dialect);
    await peer.next();
    await peer.next();
    expect(methods(peer.seen).filter((method) => method === "first" || method === "second")).toEqual([
      "first",
      "second",
    ]);
    expect(methods(peer.seen)[0]).toBe("initialize");
  });
});

test("mcp: programs that do without a handshake need none", async () => {
  const { channel, peer } = open(mcp);
  const request = channel.request("tools/list", { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
  const { id } = await next(peer);
  peer.send({ id, result: { tools: [] } });
  expect(await request).toEqual({ tools: [] });
});

test("mcp: pings are answered in both directions, also before the handshake has come to its end", async () => {
  const { channel, peer } = open(mcp);
  const hello = channel.request("initialize", {});
  const { id } = await next(peer);
  peer.send({ id: "theirs", method: "ping" });
  expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: "theirs", result: {} });
  const ping = channel.request("ping");
  const asked = await next(peer);
  expect(asked).toMatchObject({ method: "ping" });
  peer.send({ id: asked.id, result: {} }, { id, result: {} });
  expect(await ping).toEqual({});
  await hello;
});

describe("lsp, who serves", () => {
  const serve = () => {
    const opened = open(lsp, { answersUnreadable: true });
    opened.channel.onRequest("initialize", () => ({ capabilities: {} }));
    opened.channel.onRequest("work", () => "done");
    return opened;
  };

  test("refuses what comes before the hello, and a second hello", async () => {
    const { peer } = serve();
    peer.send({ id: 1, method: "work" });
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32002 } });
    peer.send({ id: 2, method: "initialize", params: {} });
    expect(await peer.next()).toMatchObject({ id: 2, result: { capabilities: {} } });
    peer.send({ id: 3, method: "work" });
    expect(await peer.next()).toMatchObject({ id: 3, result: "done" });
    peer.send({ id: 4, method: "initialize", params: {} });
    expect(await peer.next()).toMatchObject({ id: 4, error: { code: -32600 } });
  });

  test("answers shutdown with null, and refuses what comes after it", async () => {
    const { peer } = serve();
    peer.send({ id: 1, method: "initialize", params: {} }, { id: 2, method: "shutdown" }, { id: 3, method: "work" });
    await peer.next();
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 2, result: null });
    expect(await peer.next()).toMatchObject({ id: 3, error: { code: -32600 } });
  });

  test("says no goodbye, and keeps nothing back", async () => {
    const { channel, peer } = serve();
    await channel.notify("window/logMessage", { message: "starting" });
    expect(await peer.next()).toMatchObject({ method: "window/logMessage" });
    await channel.close();
    expect(methods(peer.seen)).toEqual(["window/logMessage"]);
  });
});

test("lsp: who is asked hello is the one that serves, whatever it was told", async () => {
  const { channel, peer } = open(lsp);
  channel.onRequest("initialize", () => ({}));
  void channel.notify("window/logMessage", {});
  peer.send({ id: 1, method: "initialize", params: {} });
  await expect.poll(() => methods(peer.seen)).toContain("window/logMessage");
  await channel.close();
  expect(methods(peer.seen)).not.toContain("shutdown");
});

describe("lsp, goodbye", () => {
  test("close asks, waits for the answer, and leaves", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const open_ = rejectionOf(channel.request("work"));
    await peer.next();
    const closing = channel.close();
    expect(await open_).toMatchObject({ code: "CHANNEL_CLOSED" });
    const { id, method } = await next(peer);
    expect(method).toBe("shutdown");
    await turns();
    expect(methods(peer.seen)).not.toContain("exit");
    peer.send({ id, result: null });
    await closing;
    expect(methods(peer.seen).at(-1)).toBe("exit");
  });

  test("who has asked already is not made to ask again", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const shutdown = channel.request("shutdown");
    const { id } = await next(peer);
    peer.send({ id, result: null });
    await shutdown;
    await channel.close();
    await turns();
    expect(methods(peer.seen).slice(2)).toEqual(["shutdown", "exit"]);
  });

  test("who has left already says nothing more", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const shutdown = channel.request("shutdown");
    const { id } = await next(peer);
    peer.send({ id, result: null });
    await shutdown;
    await channel.notify("exit");
    await channel.close();
    await turns();
    expect(methods(peer.seen).slice(2)).toEqual(["shutdown", "exit"]);
  });

  test("an other side that goes in the middle of it ends it", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const closing = channel.close();
    await peer.next();
    peer.toChannel.end();
    await closing;
    expect(methods(peer.seen)).not.toContain("exit");
  });
});

test.each([mcp, acp])("$name: close says nothing", async (dialect) => {
  const { channel, peer } = await openGreeted(dialect);
  const before = peer.seen.length;
  await channel.close();
  await turns();
  expect(peer.seen).toHaveLength(before);
});
