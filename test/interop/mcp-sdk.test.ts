// The client of the MCP SDK, and a server made with serveStdio.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ListRootsRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";

const client = new Client({ name: "the SDK", version: "0.0.0" }, { capabilities: { roots: {} } });
const logged: unknown[] = [];
let stopped = false;

beforeAll(async () => {
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: "file:///example" }] }));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  client.onclose = () => (stopped = true);
  const args = typescript(fixture("mcp-worker.ts"));
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }));
});
afterAll(() => client.close());

const call = (name: string, args: Record<string, unknown> = {}, options = {}): Promise<unknown> =>
  client.callTool({ name, arguments: args }, undefined, options);
const text = (value: string): object => ({ content: [{ type: "text", text: value }] });

test("initialize, pings, tools, and an error with its code", async () => {
  expect(client.getServerVersion()).toMatchObject({ name: "procwire" });
  await client.ping();
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("add");
  expect(await call("add", { a: 2, b: 40 })).toMatchObject(text("42"));
  await expect(call("no such tool")).rejects.toMatchObject({ code: -32602 });
});

test("a handler that returns nothing answers an empty result", async () => {
  await client.setLoggingLevel("info");
});

test("progress under the client's token", async () => {
  const seen: unknown[] = [];
  await call("steps", { steps: 3 }, { onprogress: (progress: unknown) => void seen.push(progress) });
  expect(seen).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3 })));
});

test("a cancel stops the handler, and nothing is answered", async () => {
  const errors: Error[] = [];
  client.onerror = (error) => void errors.push(error);
  const controller = new AbortController();
  const options = { signal: controller.signal, onprogress: () => controller.abort("enough") };
  await expect(call("wait", {}, options)).rejects.toThrow("enough");
  expect(await call("cancelled")).toMatchObject(text("1"));
  expect(errors).toEqual([]);
});

test("requests and notifications of the server", async () => {
  expect(await call("roots")).toMatchObject(text('{"roots":[{"uri":"file:///example"}]}'));
  await call("log");
  expect(logged).toEqual(["a line"]);
});

test("the server ends with its input", async () => {
  await client.close();
  expect(stopped).toBe(true);
});
