import type { RequestId } from "../../protocol/contract.js";
import type { RequestOptions } from "./request-options.js";

export type RequestHandler = (params: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
export type AnyRequestHandler = (message: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above
export type NotificationHandler = (params: any, source: NotificationSource) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above
export type AnyNotificationHandler = (message: any, source: NotificationSource) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above

/** Who has sent a notification. */
export interface NotificationSource {
  /** Process id of the worker; `undefined` where the link has no process. */
  readonly pid: number | undefined;
}

/**
 * What happens to notifications when a handler that returns promises is slower than they come, and
 * `limits.maxQueuedNotifications` of them wait for it: the oldest waiting one goes, or the one that has just come.
 */
export type NotificationOverflow = "drop-oldest" | "drop-newest";

/** Wraps each handler of an incoming request: call `next` for the result, or answer, or throw instead. */
export type HandlerInterceptor = (
  call: { readonly method: string; readonly params: unknown; readonly context: RequestContext },
  next: (params: unknown) => unknown,
) => unknown;

/** Handed to the handler of a request beside its params. Its functions may be taken out of it: `(params, { progress }) => ...`. */
export interface RequestContext {
  readonly id: RequestId;
  readonly method: string;
  /** Aborts when the caller cancels the request, or when the channel ends. */
  readonly signal: AbortSignal;
  /**
   * The items that the caller sends along (option `input` of its request), as they come; the handler's pace holds the
   * caller back. Empty when there are none. To be read once, and before the handler has finished. An interceptor may put
   * other items in their place: validated, counted, changed.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
  get input(): AsyncIterable<any>;
  set input(items: AsyncIterable<unknown>);
  /** Asks the caller's side: as `channel.request` of the channel that the request came by. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
  readonly request: <Result = any>(method: string, params?: object, options?: RequestOptions) => Promise<Result>;
  /** Sends a notification to the caller's side. Resolves when it is handed to the pipe; nobody has to wait for that. */
  readonly notify: (method: string, params?: object) => Promise<void>;
  /**
   * Tells the caller how far the work is; reaches the `onProgress` of its request. Nothing after the answer. Nobody has
   * to wait for it.
   */
  readonly progress: (value: unknown) => Promise<void>;
}
