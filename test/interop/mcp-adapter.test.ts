// The client of the MCP SDK over a channel of ours: its engine, our processes and limits.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { ListRootsRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { workerCommand } from "@procwire/faults";
import { createStdioTransport, type ChannelTransport } from "@procwire/mcp";
import type { StdioChannelOptions } from "@procwire/transport";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fixture, typescript } from "../support/paths.js";
import { programOf } from "../support/peers.js";
import { isAlive, waitFor } from "../support/wait-for.js";

interface Connected {
  readonly client: Client;
  readonly transport: ChannelTransport;
  readonly errors: Error[];
  readonly call: (name: string, args?: Record<string, unknown>, options?: object) => Promise<unknown>;
}

async function connect(args: readonly string[], options: StdioChannelOptions = {}): Promise<Connected> {
  const transport = createStdioTransport(process.execPath, {
    args,
    stderr: "ignore",
    shutdown: { graceMs: 100 },
    ...options,
  });
  const client = new Client({ name: "the SDK", version: "0.0.0" }, { capabilities: { roots: {} } });
  const errors: Error[] = [];
  client.onerror = (error) => void errors.push(error);
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: "file:///example" }] }));
  await client.connect(transport);
  onTestFinished(() => client.close());
  const call: Connected["call"] = (name, given = {}, more = {}) =>
    client.callTool({ name, arguments: given }, undefined, more);
  return { client, transport, errors, call };
}

const text = (value: unknown): object => ({ content: [{ type: "text", text: value }] });

test("a published server: tools, resources, prompts, logging, progress, roots", async () => {
  const everything = programOf("@modelcontextprotocol/server-everything");
  const { client, call, errors } = await connect([everything, "stdio"]);
  expect(client.getServerVersion()).toMatchObject({ version: "2.0.0" });
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("echo");
  expect(await call("echo", { message: "aé€😀" })).toMatchObject(text(expect.stringContaining("aé€😀")));
  expect((await client.listResources()).resources.length).toBeGreaterThan(0);
  expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0);
  const seen: unknown[] = [];
  const onprogress = (progress: unknown): void => void seen.push(progress);
  await call("trigger-long-running-operation", { duration: 0.2, steps: 2 }, { onprogress });
  // The last one arrives together with the answer.
  expect(seen).toMatchObject([
    { progress: 1, total: 2 },
    { progress: 2, total: 2 },
  ]);
  await client.setLoggingLevel("info");
  expect(errors).toEqual([]);
});

const ours = typescript(fixture("mcp-worker.ts"));

test("requests and notifications of the server, and a cancel, after which nothing is answered", async () => {
  const { client, call, errors } = await connect(ours);
  const logged: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  expect(await call("roots")).toMatchObject(text('{"roots":[{"uri":"file:///example"}]}'));
  await call("log");
  expect(logged).toEqual(["a line"]);
  const controller = new AbortController();
  const options = { signal: controller.signal, onprogress: () => controller.abort("enough") };
  await expect(call("wait", {}, options)).rejects.toThrow("enough");
  await vi.waitFor(async () => expect(await call("cancelled")).toMatchObject(text("1")));
  expect(errors).toEqual([]);
});

test("a server that exits: the call rejects with its exit code and last words, before the client is closed", async () => {
  const { client, call, errors } = await connect(ours);
  const told: string[] = [];
  client.onclose = () => told.push("closed");
  const failure: unknown = await call("exit").catch((error: unknown) => {
    told.push("rejected");
    return error;
  });
  expect(failure).toMatchObject({ code: -32000, data: { code: "WORKER_EXITED", exitCode: 7, delivery: "unknown" } });
  expect(String(failure)).toContain("it can't go on");
  await waitFor(() => told.length === 2);
  expect(errors).toMatchObject([{ code: "WORKER_EXITED" }]);
});

test("with restart the client goes on with a new server, which has been greeted as the first was", async () => {
  const { call, transport, client } = await connect(ours, { restart: { minDelayMs: 1 } });
  expect(await call("greetings")).toMatchObject(text("1"));
  const first = transport.channel?.pid;
  await expect(call("exit")).rejects.toMatchObject({ data: { code: "WORKER_EXITED" } });
  expect(await call("add", { a: 2, b: 40 })).toMatchObject(text("42"));
  await vi.waitFor(async () => expect(await call("greetings")).toMatchObject(text("1")));
  expect(transport.channel?.pid).not.toBe(first);
  await client.ping();
});

describe("a server that misbehaves", () => {
  /** It answers anything, the handshake as well. */
  const fault = (name: string): readonly string[] => {
    const { command, args } = workerCommand(name, { framing: "line", after: 0 });
    expect(command).toBe(process.execPath);
    return args;
  };

  test("prints between its messages: they are read all the same", async () => {
    const { call } = await connect(fault("print"), { onNoise: () => undefined });
    await expect(call("any")).resolves.toBeDefined();
  });

  test("answers with more than is allowed: that call rejects, and the client lives", async () => {
    const { call, transport } = await connect(fault("large=3000000"), { limits: { maxMessageBytes: 1_000_000 } });
    await expect(call("any")).rejects.toMatchObject({ code: -32000, data: { code: "MESSAGE_TOO_LARGE" } });
    expect(transport.channel?.state).toBe("ready");
  });

  test("ignores SIGTERM: close ends it nevertheless", async () => {
    const { client, transport } = await connect(fault("stubborn"), { shutdown: { graceMs: 50, termMs: 50 } });
    const pid = transport.channel?.pid ?? 0;
    await client.close();
    expect(isAlive(pid)).toBe(false);
  });
});

test("a server that can't be started: connect rejects with the reason", async () => {
  const client = new Client({ name: "the SDK", version: "0.0.0" });
  await expect(client.connect(createStdioTransport("no-such-server"))).rejects.toMatchObject({ code: "SPAWN_FAILED" });
});

test("a transport is for one connection", async () => {
  const { transport } = await connect(ours);
  await expect(transport.start()).rejects.toThrow("Make a new one");
});
