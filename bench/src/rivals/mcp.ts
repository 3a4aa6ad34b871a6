import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
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
    return new ClientSession(client);
  },
};

class ClientSession implements Session {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
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
    return this.#client.notification({
      method: "notifications/progress",
      params: { progressToken: 0, progress: number },
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #call(name: string, params: Record<string, unknown>): Promise<string> {
    const { content } = await this.#client.callTool({ name, arguments: params });
    const [first] = content as readonly { readonly text: string }[];
    return first?.text ?? "";
  }
}
