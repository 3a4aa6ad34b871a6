import { createStdioChannel, mcp as mcpDialect } from "@procwire/transport";
import { workerScript } from "../programs.js";
import type { EchoValue, Rival, Session } from "./contract.js";

/** Both sides refuse to buffer more than 10 MiB. */
const MAX_PAYLOAD = 8 * 1024 * 1024;

export const mcp: Rival = {
  id: "mcp-sdk",
  name: "MCP SDK",
  what: "@modelcontextprotocol/sdk 1 over stdio: a client's callTool, and an McpServer in Node whose tools answer with text",
  can: ["add", "text", "sum", "notify", "start"],
  maxPayload: MAX_PAYLOAD,
  start: async (placement) => {
    const { Client: McpClient } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
    const { file, args } = placement.command(process.execPath, workerScript("mcp-server.mjs"));
    const client = new McpClient({ name: "bench", version: "1.0.0" });
    await client.connect(
      new StdioClientTransport({ command: file, args: [...args], env: process.env as Record<string, string> }),
    );
    return new ToolSession({
      call: async (name, params) => (await client.callTool({ name, arguments: params })) as unknown as Answer,
      notify: (params) => client.notification({ method: "notifications/progress", params }),
      close: () => client.close(),
    });
  },
};

/** The same server and the same calls, by our channel. */
export const mcpChannel: Rival = {
  id: "procwire-mcp",
  name: "ours, MCP server",
  what: "createStdioChannel with the dialect mcp, and the same McpServer in Node as of the MCP SDK's row",
  can: ["add", "text", "sum", "notify", "start"],
  maxPayload: MAX_PAYLOAD,
  start: async (placement) => {
    const { file, args } = placement.command(process.execPath, workerScript("mcp-server.mjs"));
    const channel = await createStdioChannel(file, { args, dialect: mcpDialect, shutdown: { graceMs: 100 } });
    const clientInfo = { name: "bench", version: "1.0.0" };
    await channel.request("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    await channel.notify("notifications/initialized");
    return new ToolSession({
      call: (name, params) => channel.request<Answer>("tools/call", { name, arguments: params }),
      notify: (params) => channel.notify("notifications/progress", params),
      close: () => channel.close(),
    });
  },
};

interface Answer {
  readonly content: readonly { readonly text: string }[];
}

interface Caller {
  call(name: string, params: Record<string, unknown>): Promise<Answer>;
  notify(params: { readonly progressToken: number; readonly progress: number }): Promise<void>;
  close(): Promise<void>;
}

class ToolSession implements Session {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async add(a: number, b: number): Promise<number> {
    return Number(await this.#call("add", { a, b }));
  }

  async echo<Value extends EchoValue>(value: Value): Promise<Value> {
    return (await this.#call("echo", { message: value })) as Value;
  }

  async sum(numbers: readonly number[] | Float64Array): Promise<number> {
    return Number(await this.#call("sum_array", { numbers }));
  }

  notify(number: number): Promise<void> {
    return this.#caller.notify({ progressToken: 0, progress: number });
  }

  close(): Promise<void> {
    return this.#caller.close();
  }

  async #call(name: string, params: Record<string, unknown>): Promise<string> {
    const { content } = await this.#caller.call(name, params);
    return content[0]?.text ?? "";
  }
}
