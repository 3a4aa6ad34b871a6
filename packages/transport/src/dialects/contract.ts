/**
 * Dialect: the names and manners of one JSON-RPC family. Data and a few pure functions; nothing outside of this folder
 * spells a reserved name.
 */

/** What a notification of the dialect's own says about a request. */
export type Control =
  "cancel" | "progress" | "stream-pull" | "stream-items" | "input-open" | "input-pull" | "input-items" | "input-end";

/** The params of a message, where they are a map. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a request asks for beside its answer. */
export interface Wishes {
  readonly progress: boolean;
  /** The items of a streamed answer. */
  readonly items: boolean;
}

/** What a progress notification says. */
export interface Report {
  /** Of the request that it is about; of any other type where it is about none of this side's. */
  readonly id: unknown;
  readonly value: unknown;
  /** The value is the next items of a streamed answer. */
  readonly items?: readonly unknown[];
}

/** How a family says hello. Who calls asks first, and says nothing else until it is answered. */
export interface Hello {
  readonly request: string;
  /** The notification that follows the answer, before anything else; `undefined` where there is none. */
  readonly done: string | undefined;
  /** False where programs may do without it. */
  readonly isRequired: boolean;
  /** What may be said before the answer as well. */
  readonly allowed: readonly string[];
  /** The code with which who serves answers requests that come before it; `undefined` where they are served. */
  readonly earlyCode: number | undefined;
}

/** How who calls says goodbye: by a request whose answer it waits for, by a notification, or by both, in this order. */
export interface Goodbye {
  readonly request?: string | undefined;
  readonly notification?: string | undefined;
}

export interface Dialect {
  /** A short name for messages and logs, such as `"json-rpc"`. */
  readonly name: string;
  /** The framing that its programs have, where no other is asked for. */
  readonly framing: "line-delimited" | "content-length";
  /** The protocol that it is a dialect of, where no other is asked for. */
  readonly protocol: "json-rpc";
  /** The method that says it; a family that lacks one has no entry. */
  readonly controls: Readonly<Partial<Record<Control, string>>>;
  /** The member of their params that names the request. */
  readonly idIn: string;
  /** A request that is answered by whoever reads, handlers or not; `undefined` where there is none. */
  readonly ping: string | undefined;
  /** What it is answered with. */
  readonly pong: unknown;
  /** A request that is answered with the list of methods; `undefined` where there is none. */
  readonly discover: string | undefined;
  /** `undefined` where any message may come first. */
  readonly hello: Hello | undefined;
  /** `undefined` where the end of the input says it. */
  readonly goodbye: Goodbye | undefined;
  /** True for the methods of notifications that belong to the dialect, also where this library knows none by that name. */
  readonly isReserved: (method: string) => boolean;
  /** Whether several messages may travel as one. */
  readonly hasBatches: boolean;
  /** Whether a request that was cancelled is answered nevertheless. */
  readonly answersCancelled: boolean;
  /** The result of a handler that returns none; `undefined` for null. */
  readonly nothing: unknown;
  /** The member of params that holds the context of a trace; `undefined` where the family has no place for it. */
  readonly traceContext: string | undefined;
  /** @param reason why nobody waits any more, in words; `undefined` where there is none */
  readonly cancelParams: (id: number, reason: string | undefined) => Fields;
  /** The params with the tokens by which the wishes are met, as a copy; absent where a request needs none. */
  readonly withTokens?: (params: object | undefined, id: number, wishes: Wishes) => object | undefined;
  /** By which token the caller wants to hear how far its request is; `undefined` where it does not. */
  readonly progressToken: (id: unknown, params: unknown) => unknown;
  readonly progressParams: (token: unknown, value: unknown) => Fields;
  readonly readProgress: (params: Fields) => Report;
  /**
   * By which token the caller wants the items of a streamed answer; absent where it says so in a notification, or can't.
   */
  readonly itemsToken?: (params: unknown) => unknown;
  /** Items that the answer to a stream holds, beside those that came before it; absent where it holds none. */
  readonly itemsIn?: (result: unknown) => readonly unknown[];
}
