import type { RequestId, RequestMessage } from "../../protocol/contract.js";
import type { RequestContext } from "../contract/handlers.js";
import type { Notifier } from "../outgoing/notifier.js";

/** Where a handler's inputs come from. */
export interface InputHost {
  inputOf(context: HandlerContext): AsyncIterable<unknown>;
}

/** See `RequestContext`. */
export class HandlerContext implements RequestContext {
  readonly id: RequestId;
  readonly method: string;
  /** For the dispatcher: of the message as it arrived. */
  readonly params: unknown;
  readonly #notifier: Notifier;
  #inputHost: InputHost;
  // Made when somebody asks for it: most handlers don't, and a controller costs more than a small request.
  #controller: AbortController | undefined;
  #isOver = false;
  #aborted: { readonly reason: unknown } | undefined;

  constructor({ id, method, params }: RequestMessage, notifier: Notifier, inputHost: InputHost) {
    this.id = id;
    this.method = method;
    this.params = params;
    this.#notifier = notifier;
    this.#inputHost = inputHost;
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
    return this.#inputHost.inputOf(this);
  }

  set input(items: AsyncIterable<unknown>) {
    this.#inputHost = { inputOf: () => items };
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
