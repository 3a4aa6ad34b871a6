import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { CallToolResult, ListToolsResult } from "@modelcontextprotocol/sdk/types.js";
import type { TypedChannel } from "@procwire/transport";
import { expectTypeOf, test } from "vitest";
import {
  createStdioTransport,
  type McpClientApi,
  type McpClientEvents,
  type McpServerApi,
  type McpServerEvents,
} from "../src/index.js";

type Channel = TypedChannel<McpServerApi, McpServerEvents, McpClientApi, McpClientEvents>;

/** Never called: only its types are of interest. */
async function calls(channel: Channel): Promise<void> {
  expectTypeOf(await channel.request("tools/call", { name: "add" })).toEqualTypeOf<CallToolResult>();
  expectTypeOf(await channel.request("tools/list")).toEqualTypeOf<ListToolsResult>();
  await channel.notify("notifications/initialized");
  channel.onNotification("notifications/message", ({ level, data }) => {
    expectTypeOf(level).toExtend<string>();
    expectTypeOf(data).toBeUnknown();
  });
  channel.onRequest("roots/list", () => ({ roots: [{ uri: "file:///a" }] }));
  // @ts-expect-error -- the name of the tool is missing
  await channel.request("tools/call", {});
  // @ts-expect-error -- there is no such method
  await channel.request("tool/call", { name: "add" });
  // @ts-expect-error -- a root has a URI
  channel.onRequest("roots/list", () => ({ roots: [{}] }));
  // @ts-expect-error -- a client does not say that
  await channel.notify("notifications/tools/list_changed");
}

test("a channel is typed by the SDK's schemas, and a transport is one of the SDK's", () => {
  expectTypeOf(calls).toBeFunction();
  expectTypeOf(createStdioTransport).returns.toExtend<Transport>();
});
