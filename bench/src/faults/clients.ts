import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { workerScript } from "../programs.js";
import { TIMEOUT_MS, type Client } from "./contract.js";

const ours: Client = {
  id: "ours",
  name: "ours",
  how: `\`createStdioChannel(command, { args })\`, \`channel.request(method, params, { timeout: ${TIMEOUT_MS} })\`, \`channel.close()\``,
  framings: ["line", "content-length"],
  start: async (command, args, framing) => {
    const { createStdioChannel } = await import("@procwire/transport");
    const channel = await createStdioChannel(command, { args: [...args], framing: framing as "line" });
    return { request: (timeout) => channel.request("any", { a: 1 }, { timeout }), close: () => channel.close() };
  },
};

const published: Client = {
  id: "published",
  name: "@procwire/transport",
  how: `the package of that name on the registry: \`createStdioChannel(command, { args })\`, \`channel.request(method, params, ${TIMEOUT_MS})\`, \`channel.close()\``,
  framings: ["line"],
  start: async (command, args) => {
    const { createStdioChannel } = await import("procwire-transport-published");
    const channel = await createStdioChannel(command, { args: [...args] });
    return { request: (timeout) => channel.request("any", { a: 1 }, timeout), close: () => channel.close() };
  },
};

const vscodeJsonrpc: Client = {
  id: "vscode-jsonrpc",
  name: "vscode-jsonrpc",
  how: "as its README shows: `spawn`, `createMessageConnection` over the child's streams, `listen`; then `dispose` and `child.kill()`. It has no timeouts",
  framings: ["content-length"],
  start: async (command, args) => {
    const library = await import("vscode-jsonrpc/node");
    const child = spawn(command, args);
    const connection = library.createMessageConnection(
      new library.StreamMessageReader(child.stdout),
      new library.StreamMessageWriter(child.stdin),
    );
    connection.listen();
    return {
      request: () => connection.sendRequest("any", { a: 1 }),
      close: async () => {
        connection.dispose();
        child.kill();
      },
    };
  },
};

const mcp: Client = {
  id: "mcp-sdk",
  name: "MCP SDK",
  how: `\`new Client().connect(new StdioClientTransport({ command, args }))\`, \`callTool(..., { timeout: ${TIMEOUT_MS} })\`, \`client.close()\``,
  framings: ["line"],
  start: async (command, args) => {
    const { Client: McpClient } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
    const client = new McpClient({ name: "faults", version: "1.0.0" });
    const env = process.env as Record<string, string>;
    await client.connect(new StdioClientTransport({ command, args: [...args], env }));
    return {
      request: (timeout) => client.callTool({ name: "any", arguments: {} }, undefined, { timeout }),
      close: () => client.close(),
    };
  },
};

const piscina: Client = {
  id: "piscina",
  name: "piscina",
  how: `a thread instead of a process, so only faults that a thread can have: \`pool.run(task, { signal: AbortSignal.timeout(${TIMEOUT_MS}) })\`, \`pool.destroy()\``,
  framings: ["line"],
  faults: ["exit", "crash", "reject-unheard", "overflow", "never", "later", "spin"],
  start: async (_command, _args, _framing, fault) => {
    const { Piscina } = await import("piscina");
    const filename = pathToFileURL(workerScript("piscina-faults.mjs")).href;
    const pool = new Piscina<{ readonly fault: string }, unknown>({ filename, maxThreads: 1, execArgv: [] });
    // The first is answered, the second is at fault, as the misbehaving worker has it.
    let requests = 0;
    return {
      request: (timeout) => {
        const isAtFault = ++requests === 2;
        return pool.run({ fault: isAtFault ? fault : "" }, { signal: AbortSignal.timeout(timeout) });
      },
      close: () => pool.destroy(),
    };
  },
};

/** In the order of the columns. */
export const clients: readonly Client[] = [ours, published, vscodeJsonrpc, mcp, piscina];
