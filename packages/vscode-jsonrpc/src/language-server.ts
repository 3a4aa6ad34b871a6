import type * as Protocol from "vscode-languageserver-protocol";

/** Each request and notification of the protocol is a namespace with its name and its type. */
type Declared = typeof Protocol;

interface Named<Name extends string> {
  readonly method: Name;
}

/** The name of the request that a namespace declares. */
type RequestIn<Space> = Space extends Named<infer Name> & { readonly type: AnyRequestType } ? Name : never;

type NotificationIn<Space> = Space extends Named<infer Name> & { readonly type: AnyNotificationType } ? Name : never;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- patterns that match any of them
type AnyRequestType = Protocol.RequestType<any, any, any> | Protocol.RequestType0<any, any>;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
type AnyNotificationType = Protocol.NotificationType<any> | Protocol.NotificationType0;

type MethodOf<Space> = Space extends { readonly type: Protocol.RequestType0<infer Result, infer _E> }
  ? () => Result
  : Space extends { readonly type: Protocol.RequestType<infer Params, infer Result, infer _E> }
    ? (params: Params) => Result
    : never;

type ParamsOf<Space> = Space extends { readonly type: Protocol.NotificationType0 }
  ? undefined
  : Space extends { readonly type: Protocol.NotificationType<infer Params> }
    ? Params
    : never;

/**
 * The requests of the Language Server Protocol, of clients and of servers, as vscode-languageserver-protocol declares them:
 * `createStdioChannel<LanguageServerApi, LanguageServerEvents, LanguageServerApi, LanguageServerEvents>`.
 */
export type LanguageServerApi = {
  [Space in keyof Declared as RequestIn<Declared[Space]>]: MethodOf<Declared[Space]>;
};

/** Its notifications, in both directions, by the params of each. */
export type LanguageServerEvents = {
  [Space in keyof Declared as NotificationIn<Declared[Space]>]: ParamsOf<Declared[Space]>;
};
