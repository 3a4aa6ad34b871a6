// Published MCP servers, driven by our channel.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStdioChannel, mcp, RpcError, type Channel, type StdioChannelOptions } from "@procwire/transport";
import type {
  CallToolResult,
  GetPromptResult,
  InitializeResult,
  ListToolsResult,
  ListResourcesResult,
  ReadResourceResult,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programOf } from "../support/peers.js";

async function start(name: string, args: readonly string[], options: StdioChannelOptions = {}): Promise<Channel> {
  return createStdioChannel(process.execPath, {
    args: [programOf(name), ...args],
    dialect: mcp,
    stderr: "ignore",
    // These servers do not exit at the end of their input.
    shutdown: { graceMs: 100 },
    timeout: 20_000,
    ...options,
  });
}

async function greet(channel: Channel, capabilities: object = {}): Promise<InitializeResult> {
  const clientInfo = { name: "procwire", version: "0.0.0" };
  const result = await channel.request<InitializeResult>("initialize", {
    protocolVersion: "2025-06-18",
    capabilities,
    clientInfo,
  });
  await channel.notify("notifications/initialized");
  return result;
}

function textOf(result: CallToolResult): string {
  return result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

describe("@modelcontextprotocol/server-everything", () => {
  let channel: Channel;
  let greeting: InitializeResult;
  const asked: string[] = [];
  const logged: unknown[] = [];
  const call = (name: string, args: object, options = {}): Promise<CallToolResult> =>
    channel.request<CallToolResult>("tools/call", { name, arguments: args }, options);

  beforeAll(async () => {
    channel = await start("@modelcontextprotocol/server-everything", ["stdio"]);
    channel.onRequest("roots/list", () => {
      asked.push("roots");
      return { roots: [{ uri: "file:///example", name: "an example" }] };
    });
    channel.onRequest("sampling/createMessage", ({ maxTokens }: { maxTokens: number }) => {
      asked.push("sampling");
      return { role: "assistant", model: "none", content: { type: "text", text: `sampled ${maxTokens}` } };
    });
    channel.onRequest("elicitation/create", () => {
      asked.push("elicitation");
      return { action: "accept", content: { name: "a name" } };
    });
    channel.onNotification("notifications/message", (params) => void logged.push(params));
    greeting = await greet(channel, { roots: { listChanged: true }, sampling: {}, elicitation: {} });
  });
  afterAll(() => channel.close());

  test("initialize, and pings", async () => {
    expect(greeting).toMatchObject({ protocolVersion: "2025-06-18", serverInfo: { version: "2.0.0" } });
    expect(await channel.request("ping")).toEqual({});
  });

  test("tools: listed, called, and one that does not exist", async () => {
    const { tools } = await channel.request<ListToolsResult>("tools/list");
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["echo", "get-sum"]));
    expect(textOf(await call("echo", { message: "aé€😀" }))).toContain("aé€😀");
    expect(textOf(await call("get-sum", { a: 2, b: 40 }))).toContain("42");
    const missing = await call("no such tool", {}).then(
      ({ isError }) => isError,
      (error: unknown) => error instanceof RpcError,
    );
    expect(missing).toBe(true);
    await expect(channel.request("no/such/method")).rejects.toMatchObject({ code: -32601 });
  });

  test("resources and prompts", async () => {
    const { resources } = await channel.request<ListResourcesResult>("resources/list");
    const { contents } = await channel.request<ReadResourceResult>("resources/read", { uri: resources[0]?.uri });
    expect(contents[0]?.uri).toBe(resources[0]?.uri);
    const prompt = await channel.request<GetPromptResult>("prompts/get", { name: "simple-prompt" });
    expect(prompt.messages.length).toBeGreaterThan(0);
  });

  test("progress", async () => {
    const seen: unknown[] = [];
    const args = { duration: 0.1, steps: 3 };
    await call("trigger-long-running-operation", args, { onProgress: (value: unknown) => void seen.push(value) });
    expect(seen).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3 })));
  });

  test("a call that is cancelled is not answered, and the server goes on", async () => {
    const { answersIgnored } = channel.stats();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error("enough"));
    const options = { signal: controller.signal, onProgress };
    await expect(call("trigger-long-running-operation", { duration: 0.4, steps: 20 }, options)).rejects.toThrow(
      "enough",
    );
    expect(textOf(await call("echo", { message: "still here" }))).toContain("still here");
    expect(channel.stats().answersIgnored).toBe(answersIgnored);
  });

  test("requests of the server: roots, sampling, elicitation", async () => {
    await expect.poll(() => asked).toContain("roots");
    expect(textOf(await call("get-roots-list", {}))).toContain("file:///example");
    expect(textOf(await call("trigger-sampling-request", { prompt: "hi", maxTokens: 10 }))).toContain("sampled 10");
    expect(textOf(await call("trigger-elicitation-request", {}))).toContain("a name");
    expect(asked).toEqual(expect.arrayContaining(["sampling", "elicitation"]));
  });

  test("logging", async () => {
    await channel.request("logging/setLevel", { level: "debug" });
    await call("toggle-simulated-logging", {});
    await expect.poll(() => logged.length).toBeGreaterThan(0);
    await call("toggle-simulated-logging", {});
  });

  test("hundreds of calls at once", async () => {
    const sums = await Promise.all(Array.from({ length: 300 }, (_, a) => call("get-sum", { a, b: 1 })));
    sums.forEach((sum, a) => expect(textOf(sum)).toContain(`${a + 1}.`));
  });
});

describe("@modelcontextprotocol/server-filesystem", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "procwire mcp ")));
  let channel: Channel;
  const call = (name: string, args: object): Promise<CallToolResult> =>
    channel.request<CallToolResult>("tools/call", { name, arguments: args });

  beforeAll(async () => {
    channel = await start("@modelcontextprotocol/server-filesystem", [folder]);
    await greet(channel);
  });
  afterAll(async () => {
    await channel.close();
    rmSync(folder, { recursive: true });
  });

  test("a result of megabytes", async () => {
    const text = "aé€😀".repeat(300_000);
    writeFileSync(join(folder, "large.txt"), text);
    const result = await call("read_text_file", { path: join(folder, "large.txt") });
    expect(textOf(result) === text).toBe(true);
  });

  test("an error of the tool is a result that says so", async () => {
    expect(await call("read_text_file", { path: "/etc/hostname" })).toMatchObject({ isError: true });
  });
});

test("@modelcontextprotocol/server-memory keeps what it is told, and a restart greets it again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "procwire mcp "));
  const env = { MEMORY_FILE_PATH: join(folder, "memory.json") };
  const channel = await start("@modelcontextprotocol/server-memory", [], { env, restart: { minDelayMs: 1 } });
  try {
    channel.onEvent(({ type }) => {
      if (type === "started") void greet(channel);
    });
    await greet(channel);
    const entities = [{ name: "procwire", entityType: "library", observations: ["speaks MCP"] }];
    await channel.request("tools/call", { name: "create_entities", arguments: { entities } });
    process.kill(channel.pid ?? 0, "SIGKILL");
    await expect.poll(() => channel.stats().restarts).toBe(1);
    const graph = await channel.request<CallToolResult>("tools/call", { name: "read_graph", arguments: {} });
    expect(textOf(graph)).toContain("speaks MCP");
  } finally {
    await channel.close();
    rmSync(folder, { recursive: true });
  }
});
