export { ChannelTransport, createStdioTransport } from "./channel-transport.js";
export type { McpClientApi, McpClientEvents, McpServerApi, McpServerEvents } from "./model-context-protocol.js";
