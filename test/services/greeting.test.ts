// Before the first message: who may speak, how long it may take, and how much they may say.

import { join } from "node:path";
import { connectChannel, listen, type ListenOptions, type Service } from "@procwire/transport";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { expectNoTrouble, expectNothingLeft } from "../support/nothing-left.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";
import { RawClient } from "./support/raw.js";
import { useOwnRegistry } from "./support/registry.js";

expectNoTrouble();
const folder = useOwnRegistry();
const TOKEN = "correct horse battery staple";
const GREETING = `procwire/1 ${TOKEN}\n`;
const REQUEST = '{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1,"b":2}}\n';
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":3}\n';

const ran = vi.fn();
afterEach(() => void ran.mockClear());

async function serve(options: ListenOptions): Promise<Service> {
  const methods = {
    add: ({ a, b }: { readonly a: number; readonly b: number }) => {
      ran();
      return a + b;
    },
  };
  const service = await listen(methods, options);
  onTestFinished(() => service.close());
  return service;
}

const refused = (error: string): string => `{"procwire":1,"ok":false,"error":"${error}"}\n`;
const welcome = '{"procwire":1,"ok":true,"framing":"line-delimited","codec":"json"}\n';

describe("a service on a port with a token", () => {
  const port = { port: 0, token: TOKEN } as const;

  test("serves who greets with it, also in pieces, and with the first request in the same chunk", async () => {
    const { address } = await serve(port);
    expect(await connectAndAdd({ ...address, token: TOKEN })).toBe(3);
    const whole = new RawClient(address).write(GREETING + REQUEST);
    await whole.heard(welcome + ANSWER);
    const split = new RawClient(address);
    for (const piece of [...Array.from(GREETING), REQUEST]) {
      split.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await split.heard(welcome + ANSWER);
  });

  test.each([
    ["another token", `procwire/1 ${TOKEN}!\n`, "token"],
    ["a part of the token", `procwire/1 ${TOKEN.slice(0, 4)}\n`, "token"],
    ["no token", "procwire/1\n", "token"],
    ["another version", `procwire/2 ${TOKEN}\n`, "version"],
    ["a request at once", REQUEST, "greeting"],
    ["nothing but an end of line", "\n", "greeting"],
    ["4,096 bytes without an end of line", "procwire/1 ".padEnd(4096, "x"), "greeting"],
    ["a megabyte", "procwire/1 ".padEnd(1024 * 1024, "x"), "greeting"],
    [
      "the request of a web page, with a message in its body",
      `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 65\r\n\r\n${GREETING}${REQUEST}`,
      "greeting",
    ],
  ])("refuses %s, and what comes behind it never runs", async (_, said, error) => {
    const service = await serve(port);
    const client = new RawClient(service.address).write(said + REQUEST);
    expect(await client.end()).toBe(refused(error));
    expect(ran).not.toHaveBeenCalled();
    expect(service.connections).toBe(0);
    expect(await connectAndAdd({ ...service.address, token: TOKEN })).toBe(3);
  });

  test("tells connectChannel itself what is wrong", async () => {
    const { address } = await serve(port);
    const none = await rejectionOf(connectChannel(address));
    expect(none).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent" });
    expect((none as Error).message).toContain("it wants a token");
    const other = await rejectionOf(connectChannel({ ...address, token: "guess" }, { restart: true }));
    expect((other as Error).message).toContain("the token is wrong");
  });

  test("answers the question who is there without saying more", async () => {
    const { address } = await serve(port);
    expect(await new RawClient(address).write("procwire/1?\n").end()).toBe(refused("token"));
  });

  test("sends away who says nothing for five seconds, and who trickles", { timeout: 20_000 }, async () => {
    const service = await serve(port);
    const started = performance.now();
    const silent = new RawClient(service.address);
    const trickling = new RawClient(service.address);
    const timer = setInterval(() => trickling.write("p"), 200);
    onTestFinished(() => clearInterval(timer));
    expect(await silent.end()).toBe(refused("greeting"));
    await trickling.end();
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(4_500);
    expect(took).toBeLessThan(9_000);
  });
});

async function connectAndAdd(target: Parameters<typeof connectChannel>[0]): Promise<unknown> {
  await using channel = await connectChannel(target);
  return await channel.request("add", { a: 1, b: 2 });
}

describe("a service on a local socket without a token", () => {
  test("serves who leaves the greeting out, and tells who it is", async () => {
    const service = await serve({ path: join(folder.path, "plain.sock") });
    await new RawClient(service.address).write(REQUEST).heard(ANSWER);
    const answer = JSON.parse(await new RawClient(service.address).write("procwire/1?\n").end()) as object;
    expect(answer).toMatchObject({ procwire: 1, ok: true, framing: "line-delimited", codec: "json", pid: process.pid });
    await waitFor(() => service.connections === 1);
  });

  test("is not used by a client that speaks otherwise: both are told", async () => {
    const { address } = await serve({ path: join(folder.path, "speech.sock") });
    const error = await rejectionOf(connectChannel(address, { framing: "content-length" }));
    expect(error).toMatchObject({ code: "CONNECT_FAILED" });
    expect((error as Error).message).toContain("line-delimited json, and this side content-length json");
  });
});

test("a port that is said to be insecure still wants the greeting, which no web page can give", async () => {
  const { address } = await serve({ port: 0, insecure: true });
  expect(await new RawClient(address).write(REQUEST).end()).toBe(refused("greeting"));
  expect(ran).not.toHaveBeenCalled();
  expect(await connectAndAdd(address)).toBe(3);
});

test("a full service refuses one more client, and takes it when there is room", async () => {
  const service = await serve({ path: join(folder.path, "full.sock"), maxConnections: 2 });
  const first = await connectChannel(service.address);
  await using _second = await connectChannel(service.address);
  const error = await rejectionOf(connectChannel(service.address));
  expect((error as Error).message).toContain("has reached maxConnections");
  await first.close();
  await waitFor(() => service.connections === 1);
  await using third = await connectChannel(service.address);
  expect(await third.request("add", { a: 1, b: 1 })).toBe(2);
});

test("strangers who wait in the lobby keep nobody out: the one that has waited longest goes", async () => {
  const expectGone = expectNothingLeft();
  const service = await listen({ add: () => 0 }, { port: 0, token: TOKEN, maxConnections: 8 });
  const strangers = Array.from({ length: 20 }, () => new RawClient(service.address));
  await waitFor(() => strangers.filter(({ hasEnded }) => hasEnded).length === 12);
  await using channel = await connectChannel({ ...service.address, token: TOKEN });
  expect(await channel.request("add")).toBe(0);
  expect(strangers[0]?.hasEnded).toBe(true);
  expect(strangers.at(-1)?.hasEnded).toBe(false);
  await channel.close();
  await service.close();
  for (const stranger of strangers) await stranger.end();
  await expectGone();
});

test("a program that is no service: connectChannel says so, and with greeting: false it can be spoken to", async () => {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        const text = chunk.toString();
        const { id } = (text.startsWith("{") ? JSON.parse(text) : {}) as { readonly id?: number };
        socket.write(id === undefined ? "What?\n" : `{"jsonrpc":"2.0","id":${id},"result":"plain"}\n`);
      });
  });
  const path = join(folder.path, "foreign.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  const error = await rejectionOf(connectChannel({ path }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED" });
  expect((error as Error).message).toContain("greeting: false");
  await using channel = await connectChannel({ path }, { greeting: false });
  expect(await channel.request("anything")).toBe("plain");
});

test("a program that accepts and says nothing: connectChannel gives up in time", async () => {
  const { createServer } = await import("node:net");
  const path = join(folder.path, "mute.sock");
  const server = createServer((socket) => void socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  const error = await rejectionOf(connectChannel({ path }, { connectTimeoutMs: 100 }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED" });
  const reason = new Error("enough");
  const signal = AbortSignal.timeout(50);
  expect(await rejectionOf(connectChannel({ path }, { signal }))).toBe(signal.reason);
  expect(await rejectionOf(connectChannel({ path }, { signal: AbortSignal.abort(reason) }))).toBe(reason);
});
