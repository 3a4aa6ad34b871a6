import { describe, expect, test } from "vitest";
import { acp, jsonRpc, lsp, mcp, type Dialect, type RequestContext } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { next, open, openGreeted, turns } from "./support.js";

const dialects: readonly [string, Dialect][] = [jsonRpc, lsp, mcp, acp].map((dialect) => [dialect.name, dialect]);

/** What is said when nobody waits any more for the request `id`. */
const CANCEL: Readonly<Record<string, (id: number, reason: string) => object>> = {
  "json-rpc": (id) => ({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } }),
  lsp: (id) => ({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } }),
  mcp: (requestId, reason) => ({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId, reason } }),
  acp: (requestId) => ({ jsonrpc: "2.0", method: "$/cancel_request", params: { requestId } }),
};

describe.each(dialects)("%s", (name, dialect) => {
  const cancel = (id: number, reason: string): unknown => CANCEL[name]?.(id, reason);

  test("a signal that aborts is told in the dialect's words, and a late answer is dropped", async () => {
    const { channel, peer, errors } = await openGreeted(dialect);
    const controller = new AbortController();
    const request = rejectionOf(channel.request("work", {}, { signal: controller.signal }));
    const { id } = await next(peer);
    controller.abort(new Error("enough"));
    expect(await request).toMatchObject({ message: "enough" });
    expect(await peer.next()).toEqual(cancel(id, "enough"));
    peer.send({ id, error: { code: -32800, message: "Request cancelled" } });
    await peer.roundTrip();
    expect(errors).toEqual([]);
    expect(channel.stats().answersIgnored).toBe(1);
  });

  test("a timeout is told as a signal is", async () => {
    const { channel, peer } = await openGreeted(dialect);
    const request = rejectionOf(channel.request("work", {}, { timeout: 5 }));
    const { id } = await next(peer);
    const failure = (await request) as Error;
    expect(failure).toMatchObject({ code: "TIMEOUT" });
    expect(await peer.next()).toEqual(cancel(id, failure.message));
  });

  test("sendCancel: false says nothing", async () => {
    const { channel, peer } = await openGreeted(dialect, { sendCancel: false });
    await rejectionOf(channel.request("work", {}, { timeout: 5 }));
    await peer.next();
    const before = peer.seen.length;
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(before + 1);
  });

  test("a handler hears of it, and the request is answered where the dialect has it so", async () => {
    const { channel, peer } = open(dialect);
    let started: RequestContext | undefined;
    channel.onRequest("work", (_params, context) => {
      started = context;
      return new Promise((_resolve, reject) => {
        context.signal.addEventListener("abort", () => reject(new Error("stopped")));
      });
    });
    peer.send({ id: 7, method: "work", params: {} });
    await turns();
    peer.send(cancel(7, "enough") as object);
    const last: unknown = await peer.roundTrip();
    expect(started?.signal.aborted).toBe(true);
    const answers = peer.seen.filter(({ id }: { id?: unknown }) => id === 7);
    expect(answers).toEqual(
      dialect.answersCancelled
        ? [{ jsonrpc: "2.0", id: 7, error: { code: -32800, message: "Request cancelled" } }]
        : [],
    );
    expect(last).toBeDefined();
    // Its id is free again.
    channel.onRequest("echo", (params: object) => params);
    peer.send({ id: 7, method: "echo", params: { free: true } });
    await peer.roundTrip();
    expect(peer.seen.at(-2)).toEqual({ jsonrpc: "2.0", id: 7, result: { free: true } });
  });

  test("of an unknown request is ignored", async () => {
    const { peer, errors } = open(dialect);
    peer.send(cancel(99, "enough") as object);
    await peer.roundTrip();
    expect(errors).toEqual([]);
  });
});

test.each([lsp, mcp, acp])("$name: the hello is never cancelled on the wire", async (dialect) => {
  const { channel, peer } = open(dialect);
  const controller = new AbortController();
  const hello = rejectionOf(channel.request("initialize", {}, { signal: controller.signal }));
  await peer.next();
  controller.abort(new Error("enough"));
  expect(await hello).toMatchObject({ message: "enough" });
  await peer.roundTrip();
  expect(peer.seen.map(({ method }: { method?: string }) => method)).toEqual(["initialize", undefined]);
});
