import type { RequestId } from "../../protocol/contract.js";
import type { Notifier } from "../outgoing/notifier.js";

/** Where a handler's inputs come from. */
export interface InputHost {
  inputOf(context: RequestContext): AsyncIterable<unknown>;
}

/** Handed to the handler of a request beside its params. */
export class RequestContext {
  readonly id: RequestId;
  readonly method: string;
  readonly #notifier: Notifier;
  #inputHost: InputHost;
  // Made when somebody asks for it: most handlers don't, and a controller costs more than a small request.
  #controller: AbortController | undefined;
  #isOver = false;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(id: RequestId, method: string, notifier: Notifier, inputHost: InputHost) {
    this.id = id;
    this.method = method;
    this.#notifier = notifier;
    this.#inputHost = inputHost;
  }

  /** Aborts when the caller cancels the request, or when the channel ends. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /**
   * The items that the caller sends along (option `input` of its request), as they come; the handler's pace holds the
   * caller back. Empty when there are none. To be read once, and before the handler has finished.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
  get input(): AsyncIterable<any> {
    return this.#inputHost.inputOf(this);
  }

  /** An interceptor may put other items in their place: validated, counted, changed. */
  set input(items: AsyncIterable<unknown>) {
    this.#inputHost = { inputOf: () => items };
  }

  /** Sends a notification to the caller's side. Resolves when it is handed to the pipe; nobody has to wait for that. */
  notify(method: string, params?: object): Promise<void> {
    return this.#notifier.notify(method, params);
  }

  /**
   * Tells the caller how far the work is; reaches the `onProgress` of its request. Nothing after the answer. Nobody has
   * to wait for it.
   */
  progress(value: unknown): Promise<void> {
    return this.#isOver ? Promise.resolve() : this.#notifier.progress(this.id, value);
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
