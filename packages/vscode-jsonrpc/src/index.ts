export type { LanguageServerApi, LanguageServerEvents } from "./language-server.js";
export {
  createMessageTransports,
  openMessageTransports,
  type MessageTransports,
  type MessageTransportsOptions,
} from "./message-transports.js";
