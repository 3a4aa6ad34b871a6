import type { BatchOptions } from "./batch.js";
import type { Channel } from "./channel.js";
import type { AnyRequestHandler, NotificationSource, RequestContext } from "./handlers.js";
import type { RequestOptions } from "./request-options.js";

/* eslint-disable @typescript-eslint/no-explicit-any -- patterns that match any function or iterable */

/** Notifications of which nothing is known. */
export type AnyEvents = Record<string, any>;

/** A method of an API: params in, result out, which may be a promise or, for a stream, an async iterable. */
type Method = (params: any) => unknown;

type IsStream<M> = M extends (...args: any[]) => infer R
  ? Awaited<R> extends AsyncIterable<any>
    ? true
    : false
  : false;

/** The names of an API's methods that answer with one result. */
export type RequestName<Api> = { [Name in keyof Api]: IsStream<Api[Name]> extends false ? Name : never }[keyof Api] &
  string;

/** The names of an API's methods that answer with a stream. */
export type StreamName<Api> = { [Name in keyof Api]: IsStream<Api[Name]> extends true ? Name : never }[keyof Api] &
  string;

/** What follows the name of the method: params where it has some, then options. */
export type CallArguments<M> = M extends () => unknown
  ? [params?: Record<string, never> | [], options?: RequestOptions]
  : M extends (params: infer Params) => unknown
    ? undefined extends Params
      ? [params?: Params, options?: RequestOptions]
      : [params: Params, options?: RequestOptions]
    : never;

export type ResultOf<M> = M extends (...args: any[]) => infer Result ? Awaited<Result> : never;

export type ItemOf<M> = ResultOf<M> extends AsyncIterable<infer Item> ? Item : never;

/** An API as an object: `remote.add({ a: 1, b: 2 })`, `remote.primes.stream({ to: 100 })`. */
export type TypedRemote<Api> = {
  readonly [Name in RequestName<Api>]: (...args: CallArguments<Api[Name]>) => Promise<ResultOf<Api[Name]>>;
} & {
  readonly [Name in StreamName<Api>]: {
    stream(...args: CallArguments<Api[Name]>): AsyncIterableIterator<ItemOf<Api[Name]>>;
  };
};

/** The names of an API's methods, streams and others. */
type MethodName<Api> = keyof Api & string;

type ParamsOf<M> = M extends (params: infer Params) => unknown ? Params : never;

/** A call of a batch: its method and what goes with that. What is no method of an API may be a notification of `Events`. */
export type CallOf<Api, Events> =
  | {
      [Name in RequestName<Api>]: { readonly method: Name; readonly notify?: false | undefined } & WithParams<
        Api[Name]
      >;
    }[RequestName<Api>]
  | {
      [Name in MethodName<Events>]: { readonly method: Name; readonly params: Events[Name]; readonly notify: true };
    }[MethodName<Events>];

type WithParams<M> = undefined extends CallArguments<M>[0]
  ? { readonly params?: CallArguments<M>[0] }
  : { readonly params: CallArguments<M>[0] };

/** What a batch gives, in order: the results of its calls, and nothing for its notifications. */
export type ResultsOf<Api, Calls extends readonly { readonly method: string }[]> = {
  -readonly [Place in keyof Calls]: PromiseSettledResult<
    Calls[Place] extends { readonly notify: true }
      ? undefined
      : Calls[Place]["method"] extends keyof Api
        ? ResultOf<Api[Calls[Place]["method"]]>
        : unknown
  >;
};

/** Params of a notification: none where its type allows that. */
type EventArguments<Params> = undefined extends Params ? [params?: Params] : [params: Params];

/** The handler of one method of an API. */
export type HandlerOf<M, Context = RequestContext> = (
  params: ParamsOf<M>,
  context: Context,
) => (M extends (...args: any[]) => infer Result ? Result : never) | Promise<ResultOf<M>> | ResultOf<M>;

/** Methods of which nothing is known. */
export type AnyApi = Record<string, any>;

/**
 * A channel whose methods and notifications are known by type.
 *
 * `Api` has a function type per method of the other side: `{ add(params: { a: number; b: number }): number }`; one that
 * returns an `AsyncIterable` is a stream. `Events` has the params of each notification that the other side sends:
 * `{ log: { message: string } }`. `OwnApi` and `OwnEvents` are the same of this side: what `onRequest` answers, and what
 * `notify` and batches say. Types are promises: nothing checks them at run time, but `validated`.
 */
export interface TypedChannel<
  Api extends object,
  Events extends object = AnyEvents,
  OwnApi extends object = AnyApi,
  OwnEvents extends object = AnyEvents,
> extends Omit<Channel, "request" | "stream" | "remote" | "batch" | "notify" | "onRequest" | "onNotification"> {
  request<Name extends RequestName<Api>>(method: Name, ...args: CallArguments<Api[Name]>): Promise<ResultOf<Api[Name]>>;
  stream<Name extends StreamName<Api>>(
    method: Name,
    ...args: CallArguments<Api[Name]>
  ): AsyncIterableIterator<ItemOf<Api[Name]>>;
  readonly remote: TypedRemote<Api>;
  batch<const Calls extends readonly CallOf<Api, OwnEvents>[]>(
    calls: Calls,
    options?: BatchOptions,
  ): Promise<ResultsOf<Api, Calls>>;
  notify<Name extends keyof OwnEvents & string>(method: Name, ...args: EventArguments<OwnEvents[Name]>): Promise<void>;
  onRequest<Name extends keyof OwnApi & string>(method: Name, handler: HandlerOf<OwnApi[Name]>): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onNotification<Name extends keyof Events & string>(
    method: Name,
    handler: (params: Events[Name], source: NotificationSource) => unknown,
  ): () => void;
  onNotification(
    handler: (message: { readonly method: string; readonly params: any }, source: NotificationSource) => unknown,
  ): () => void;
}

/** Handlers that serve an `Api`, for `serveStdio<Api>`: all of its methods, and no others. */
export type HandlersOf<Api extends object, Context = RequestContext> = {
  readonly [Name in keyof Api & string]: Api[Name] extends Method ? HandlerOf<Api[Name], Context> : never;
};
