// Services and clients in foreign dialects: who greets, and what belongs to one connection alone.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { connectChannel, dap, listen, lsp, type Dialect, type ListenOptions, type Service } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectNoTrouble } from "../support/nothing-left.js";
import { fixture, typescript } from "../support/paths.js";
import { useOwnRegistry } from "./support/registry.js";

expectNoTrouble();
const folder = useOwnRegistry();
const TOKEN = "correct horse battery staple";

const INITIALIZE = { processId: null, rootUri: null, capabilities: {} };
const methods = {
  initialize: () => ({ capabilities: {} }),
  hover: ({ word }: { readonly word: string }) => ({ contents: word }),
};

async function serve(dialect: Dialect, place: ListenOptions): Promise<Service> {
  const service = await listen(methods, { ...place, dialect, graceMs: 0 });
  onTestFinished(() => service.close());
  return service;
}

test("a debug adapter on a port, which knows no greeting, is spoken to at once", async () => {
  const server = createServer((socket) => {
    const adapter = spawn(process.execPath, typescript(fixture("debug-adapter.ts")), {
      stdio: ["pipe", "pipe", "ignore"],
    });
    onTestFinished(() => void adapter.kill("SIGKILL"));
    adapter.stdin.on("error", () => undefined);
    socket.on("error", () => undefined).pipe(adapter.stdin);
    adapter.stdout.pipe(socket);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const channel = await connectChannel({ port }, { dialect: dap });
  onTestFinished(() => channel.close());
  expect(await channel.request("initialize", { adapterID: "example", pathFormat: "path" })).toEqual({
    supportsCancelRequest: true,
  });
});

describe("a language server of ours", () => {
  test.each([
    ["a name", () => ({ name: "a-language-server" }), {}],
    ["a path", () => ({ path: join(folder.path, "lsp.sock") }), {}],
    ["a port with a token", () => ({ port: 0, token: TOKEN }), { token: TOKEN }],
  ] as const)("at %s is found as it is", async (_, place, secret) => {
    const { address } = await serve(lsp, place());
    const channel = await connectChannel({ ...address, ...secret }, { dialect: lsp });
    onTestFinished(() => channel.close());
    await channel.request("initialize", INITIALIZE);
    await channel.notify("initialized", {});
    expect(await channel.request("hover", { word: "here" })).toEqual({ contents: "here" });
  });

  test("at a port without a token is greeted by who says so", async () => {
    const { address } = await serve(lsp, { port: 0, insecure: true });
    const channel = await connectChannel(address, { dialect: lsp, greeting: true });
    onTestFinished(() => channel.close());
    expect(await channel.request("initialize", INITIALIZE)).toEqual({ capabilities: {} });
  });
});

test("a service in the dialect dap numbers the messages of each connection by themselves", async () => {
  const { address } = await serve(dap, { path: join(folder.path, "dap.sock") });
  const heard: (readonly number[])[] = [];
  for (let client = 0; client < 2; client += 1) {
    const seen: number[] = [];
    const interceptor = {
      name: "json",
      binary: false,
      encode: (value: unknown) => JSON.stringify(value),
      decode: (bytes: Uint8Array, start: number, end: number): unknown => {
        const message = JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) as { readonly seq: number };
        seen.push(message.seq);
        return message;
      },
    };
    const channel = await connectChannel(address, { dialect: dap, codec: interceptor });
    onTestFinished(() => channel.close());
    await channel.request("initialize", { adapterID: "example" });
    expect(await channel.request("hover", { word: "a" })).toEqual({ contents: "a" });
    heard.push([...seen]);
  }
  expect(heard).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
