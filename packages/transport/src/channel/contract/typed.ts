import type { Channel } from "./channel.js";
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

/**
 * A channel whose methods and notifications are known by type.
 *
 * `Api` has a function type per method: `{ add(params: { a: number; b: number }): number }`; one that returns an
 * `AsyncIterable` is a stream. `Events` has the params of each notification: `{ log: { message: string } }`. Types are
 * promises of the other side: nothing checks them at run time.
 */
export interface TypedChannel<Api extends object, Events extends object = AnyEvents> extends Omit<
  Channel,
  "request" | "stream" | "remote" | "onNotification"
> {
  request<Name extends RequestName<Api>>(method: Name, ...args: CallArguments<Api[Name]>): Promise<ResultOf<Api[Name]>>;
  stream<Name extends StreamName<Api>>(
    method: Name,
    ...args: CallArguments<Api[Name]>
  ): AsyncIterableIterator<ItemOf<Api[Name]>>;
  readonly remote: TypedRemote<Api>;
  onNotification<Name extends keyof Events & string>(
    method: Name,
    handler: (params: Events[Name]) => unknown,
  ): () => void;
  onNotification(handler: (message: { readonly method: string; readonly params: any }) => unknown): () => void;
}

/** Handlers that serve an `Api`, for `serveStdio<Api>`. */
export type HandlersOf<Api extends object, Context> = {
  readonly [Name in keyof Api & string]: Api[Name] extends Method
    ? (params: Parameters<Api[Name]>[0], context: Context) => ReturnType<Api[Name]> | Promise<ResultOf<Api[Name]>>
    : never;
};
