// A server on the MCP SDK: tools that answer with text, as tools do.

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "bench", version: "1.0.0" });

server.registerTool("add", { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => text(String(a + b)));
server.registerTool("echo", { inputSchema: { message: z.string() } }, ({ message }) => text(message));
server.registerTool("sum_array", { inputSchema: { numbers: z.array(z.number()) } }, ({ numbers }) => {
  let total = 0;
  for (const number of numbers) total += number;
  return text(String(total));
});
server.server.fallbackNotificationHandler = () => Promise.resolve();
await server.connect(new StdioServerTransport());

/** @param {string} text */
function text(text) {
  return { content: [{ type: /** @type {const} */ ("text"), text }] };
}
