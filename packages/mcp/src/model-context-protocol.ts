import type {
  CallToolResult,
  CancelTaskResult,
  ClientNotification,
  ClientRequest,
  CompleteResult,
  CreateMessageResult,
  CreateTaskResult,
  ElicitResult,
  EmptyResult,
  GetPromptResult,
  GetTaskPayloadResult,
  GetTaskResult,
  InitializeResult,
  ListPromptsResult,
  ListResourcesResult,
  ListResourceTemplatesResult,
  ListRootsResult,
  ListTasksResult,
  ListToolsResult,
  ReadResourceResult,
  ServerNotification,
  ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";

/** Requests and notifications have their params by type in the SDK; which result answers which request it says nowhere. */
interface Results {
  ping: EmptyResult;
  initialize: InitializeResult;
  "completion/complete": CompleteResult;
  "logging/setLevel": EmptyResult;
  "prompts/get": GetPromptResult;
  "prompts/list": ListPromptsResult;
  "resources/list": ListResourcesResult;
  "resources/templates/list": ListResourceTemplatesResult;
  "resources/read": ReadResourceResult;
  "resources/subscribe": EmptyResult;
  "resources/unsubscribe": EmptyResult;
  "tools/call": CallToolResult;
  "tools/list": ListToolsResult;
  "tasks/get": GetTaskResult;
  "tasks/result": GetTaskPayloadResult;
  "tasks/list": ListTasksResult;
  "tasks/cancel": CancelTaskResult;
  "sampling/createMessage": CreateMessageResult | CreateTaskResult;
  "elicitation/create": ElicitResult | CreateTaskResult;
  "roots/list": ListRootsResult;
}

interface Said {
  readonly method: string;
  readonly params?: unknown;
}

type ParamsOf<Request extends Said> = Request["params"];

type Methods<Request extends Said> = {
  [Name in Request["method"]]: (
    params: ParamsOf<Extract<Request, { readonly method: Name }>>,
  ) => Name extends keyof Results ? Results[Name] : unknown;
};

type Notifications<Notification extends Said> = {
  [Name in Notification["method"]]: ParamsOf<Extract<Notification, { readonly method: Name }>>;
};

/** What a server of the Model Context Protocol answers: `createStdioChannel<McpServerApi, McpServerEvents, McpClientApi, McpClientEvents>`. */
export type McpServerApi = Methods<ClientRequest>;
/** What a server tells. */
export type McpServerEvents = Notifications<ServerNotification>;
/** What a client answers. */
export type McpClientApi = Methods<ServerRequest>;
/** What a client tells. */
export type McpClientEvents = Notifications<ClientNotification>;
