import { describe, expect, test } from "vitest";
import { acp, lsp, mcp, type RequestContext } from "../../src/index.js";
import { next, open, openGreeted } from "./support.js";

describe("mcp", () => {
  test("onProgress adds a token to a copy of the params, and gets what comes under it without the token", async () => {
    const { channel, peer } = await openGreeted(mcp);
    const params = { name: "tool", _meta: { mine: 1 } };
    const seen: unknown[] = [];
    const request = channel.request("tools/call", params, { onProgress: (value) => void seen.push(value) });
    const { id, params: sent } = await next(peer);
    expect(sent).toEqual({ name: "tool", _meta: { mine: 1, progressToken: id } });
    expect(params).toEqual({ name: "tool", _meta: { mine: 1 } });
    const progressToken = sent._meta?.["progressToken"];
    peer.send({ method: "notifications/progress", params: { progressToken, progress: 1, total: 3, message: "one" } });
    peer.send({ method: "notifications/progress", params: { progressToken, progress: 2.5 } });
    peer.send({ id, result: { content: [] } });
    expect(await request).toEqual({ content: [] });
    expect(seen).toEqual([{ progress: 1, total: 3, message: "one" }, { progress: 2.5 }]);
  });

  test("without onProgress nothing is added; without params they hold the token alone", async () => {
    const { channel, peer } = await openGreeted(mcp);
    void channel.request("a", { name: 1 }, { timeout: 60_000 }).catch(() => undefined);
    expect((await next(peer)).params).toEqual({ name: 1 });
    void channel.request("b", undefined, { onProgress: () => undefined }).catch(() => undefined);
    const { id, params } = await next(peer);
    expect(params).toEqual({ _meta: { progressToken: id } });
  });

  test("progress of a token that is none of this side's goes to whoever handles it", async () => {
    const { channel, peer } = await openGreeted(mcp);
    const seen: unknown[] = [];
    channel.onNotification("notifications/progress", (params) => void seen.push(params));
    peer.send({ method: "notifications/progress", params: { progressToken: "theirs", progress: 1 } });
    await peer.roundTrip();
    expect(seen).toEqual([{ progressToken: "theirs", progress: 1 }]);
  });

  test("progress of a number that happens to be the id of a request without onProgress goes there as well", async () => {
    const { channel, peer } = await openGreeted(mcp);
    const seen: unknown[] = [];
    channel.onNotification("notifications/progress", (params) => void seen.push(params));
    void channel.request("a", { _meta: { progressToken: 2 } }).catch(() => undefined);
    const { id } = await next(peer);
    peer.send({ method: "notifications/progress", params: { progressToken: id, progress: 1 } });
    await peer.roundTrip();
    expect(seen).toEqual([{ progressToken: id, progress: 1 }]);
  });

  test("a handler's progress goes under the caller's token, a number as the progress itself; without a token nowhere", async () => {
    const { channel, peer } = open(mcp);
    channel.onRequest("work", async (_params: unknown, context: RequestContext) => {
      await context.progress({ progress: 1, total: 2 });
      await context.progress(2);
    });
    peer.send({ id: 1, method: "work", params: { _meta: { progressToken: "t" } } });
    expect(await peer.next()).toMatchObject({
      method: "notifications/progress",
      params: { progressToken: "t", progress: 1, total: 2 },
    });
    expect(await peer.next()).toMatchObject({ params: { progressToken: "t", progress: 2 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
    peer.send({ id: 2, method: "work", params: {} });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 2, result: {} });
  });
});

describe("lsp", () => {
  test("onProgress adds a workDoneToken to a copy of the params, and gets each value", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const params = { position: 1 };
    const seen: unknown[] = [];
    const request = channel.request("rename", params, { onProgress: (value) => void seen.push(value) });
    const { id, params: sent } = await next(peer);
    expect(params).toEqual({ position: 1 });
    expect(Object.keys(sent)).toEqual(["position", "workDoneToken"]);
    const token = sent["workDoneToken"];
    peer.send({ method: "$/progress", params: { token, value: { kind: "begin", title: "Renaming" } } });
    peer.send({ method: "$/progress", params: { token, value: { kind: "end" } } });
    peer.send({ id, result: null });
    expect(await request).toBeNull();
    expect(seen).toEqual([{ kind: "begin", title: "Renaming" }, { kind: "end" }]);
  });

  test("partial results are the items of a stream, and so is what the answer holds of them", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const items: unknown[] = [];
    const done = (async () => {
      for await (const item of channel.stream("references", { uri: "a" })) items.push(item);
    })();
    const { id, params } = await next(peer);
    expect(Object.keys(params)).toEqual(["uri", "partialResultToken"]);
    const token = params["partialResultToken"];
    peer.send({ method: "$/progress", params: { token, value: Array.from({ length: 50 }, (_, at) => at) } });
    peer.send({ method: "$/progress", params: { token, value: { single: true } } });
    peer.send({ id, result: [50] });
    await done;
    expect(items).toEqual([...Array.from({ length: 50 }, (_, at) => at), { single: true }, 50]);
  });

  test("a stream and onProgress go together: each has a token of its own", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const seen: unknown[] = [];
    const stream = channel.stream("references", {}, { onProgress: (value) => void seen.push(value) });
    const first = stream.next();
    const { id, params } = await next(peer);
    peer.send({ method: "$/progress", params: { token: params["workDoneToken"], value: { kind: "begin" } } });
    peer.send({ method: "$/progress", params: { token: params["partialResultToken"], value: ["a"] } });
    peer.send({ id, result: null });
    expect(await first).toEqual({ done: false, value: "a" });
    expect(await stream.next()).toEqual({ done: true, value: null });
    expect(seen).toEqual([{ kind: "begin" }]);
  });

  test("leaving the loop cancels the request", async () => {
    const { channel, peer } = await openGreeted(lsp);
    const stream = channel.stream("references", {});
    const first = stream.next();
    const { id, params } = await next(peer);
    peer.send({ method: "$/progress", params: { token: params["partialResultToken"], value: ["a", "b"] } });
    await first;
    await stream.return?.();
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id } });
  });

  test("a handler that yields sends partial results to who has a token for them, and all at once to who has none", async () => {
    const { channel, peer } = open(lsp);
    channel.onRequest("references", async function* () {
      yield "a";
      await Promise.resolve();
      yield "b";
    });
    peer.send({ id: 1, method: "references", params: { partialResultToken: 5 } });
    const values: unknown[] = [];
    for (;;) {
      const message = await next(peer);
      if (message.method === undefined) {
        expect(message).toEqual({ jsonrpc: "2.0", id: 1, result: null });
        break;
      }
      expect(message).toMatchObject({ method: "$/progress", params: { token: 5 } });
      values.push(...(message.params.value as unknown[]));
    }
    expect(values).toEqual(["a", "b"]);
    peer.send({ id: 2, method: "references", params: {} });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 2, result: ["a", "b"] });
  });
});

test("acp: onProgress adds nothing, and a handler's progress goes nowhere", async () => {
  const { channel, peer } = await openGreeted(acp);
  void channel.request("session/prompt", { a: 1 }, { onProgress: () => undefined }).catch(() => undefined);
  expect((await next(peer)).params).toEqual({ a: 1 });
  channel.onRequest("work", (_params: unknown, context: RequestContext) => context.progress(1));
  peer.send({ id: 1, method: "work" });
  expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, result: null });
});

test("params that can't be copied fail the request, and it leaves nothing behind", async () => {
  const { channel } = await openGreeted(mcp);
  const params = {
    get broken(): never {
      throw new Error("boom");
    },
  };
  await expect(channel.request("work", params, { onProgress: () => undefined })).rejects.toMatchObject({
    code: "ENCODE_FAILED",
  });
  expect(channel.stats().inFlight).toBe(0);
});
