import type { RequestId, RequestMessage } from "../../protocol/contract.js";
import type { RequestContext } from "../contract/handlers.js";
import type { RequestOptions } from "../contract/request-options.js";
import type { Notifier } from "../outgoing/notifier.js";

/** Where a handler's inputs come from, and who asks its caller. */
export interface ContextHost {
  inputOf(context: HandlerContext): AsyncIterable<unknown>;
  ask(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown>;
}

/** See `RequestContext`. */
export class HandlerContext implements RequestContext {
  readonly id: RequestId;
  readonly method: string;
  /** For the dispatcher: of the message as it arrived. */
  readonly params: unknown;
  readonly #notifier: Notifier;
  readonly #host: ContextHost;
  /** What an interceptor has put in the place of the caller's. */
  #input: AsyncIterable<unknown> | undefined;
  // Made when somebody asks for it: most handlers don't, and a controller costs more than a small request.
  #controller: AbortController | undefined;
  #isOver = false;
  #aborted: { readonly reason: unknown } | undefined;

  constructor({ id, method, params }: RequestMessage, notifier: Notifier, host: ContextHost) {
    this.id = id;
    this.method = method;
    this.params = params;
    this.#notifier = notifier;
    this.#host = host;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
  get input(): AsyncIterable<any> {
    return this.#input ?? this.#host.inputOf(this);
  }

  set input(items: AsyncIterable<unknown>) {
    this.#input = items;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    return this.#host.ask(method, params, options) as Promise<Result>;
  }

  notify(method: string, params?: object): Promise<void> {
    return this.#notifier.notify(method, params);
  }

  progress(value: unknown): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#notifier.progress(this, value);
  }

  /** Called by the dispatcher: the request is being answered. */
  finish(): void {
    this.#isOver = true;
  }

  /** Called by the dispatcher. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}
