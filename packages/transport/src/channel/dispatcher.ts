import { RpcError } from "../errors.js";
import type { ErrorObject, RequestId, RequestMessage } from "../protocol/contract.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import { RequestContext } from "./request-context.js";

export type RequestHandler = (params: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
export type AnyRequestHandler = (message: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above

/** What the dispatcher says to the other side; each method throws when the value can't be encoded or is too large. */
export interface Replies {
  result(id: RequestId, result: unknown): void;
  error(id: RequestId, error: ErrorObject): void;
  notify(method: string, params: unknown): Promise<void>;
}

/** Runs the handlers of incoming requests, and sees to it that each request is answered exactly once. */
export class Dispatcher {
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #running = new Map<RequestId, RequestContext>();
  readonly #replies: Replies;
  readonly #maxRunning: number;
  #fallback: AnyRequestHandler | undefined;
  #onIdle: (() => void)[] = [];

  constructor(replies: Replies, maxRunning: number) {
    this.#replies = replies;
    this.#maxRunning = maxRunning;
  }

  /** Returns what removes the handler again. Throws when the method has one: two could not both answer. */
  add(method: string, handler: RequestHandler): () => void {
    if (this.#handlers.has(method)) throw new Error(`A handler for requests of "${method}" is registered already.`);
    this.#handlers.set(method, handler);
    return () => {
      if (this.#handlers.get(method) === handler) this.#handlers.delete(method);
    };
  }

  addFallback(handler: AnyRequestHandler): () => void {
    if (this.#fallback !== undefined) throw new Error("A handler for all requests is registered already.");
    this.#fallback = handler;
    return () => {
      if (this.#fallback === handler) this.#fallback = undefined;
    };
  }

  receive(message: RequestMessage): void {
    const { id, method } = message;
    const handler = this.#handlers.get(method);
    if (handler === undefined && this.#fallback === undefined) {
      this.#refuse(id, JsonRpcErrorCode.methodNotFound, `Method not found: ${method}`);
    } else if (this.#running.has(id)) {
      this.#refuse(id, JsonRpcErrorCode.invalidRequest, "A request with this id is still running");
    } else if (this.#running.size >= this.#maxRunning) {
      this.#refuse(id, JsonRpcErrorCode.busy, `Busy: ${this.#maxRunning} requests are running`);
    } else {
      this.#run(message, handler);
    }
  }

  /** Answers the request as cancelled and tells its handler; what the handler returns later is dropped. */
  cancel(id: RequestId): void {
    const context = this.#running.get(id);
    if (context === undefined) return;
    this.#settle(context);
    this.#refuse(id, JsonRpcErrorCode.requestCancelled, "Request cancelled");
    context.abort(new RpcError(JsonRpcErrorCode.requestCancelled, "Request cancelled"));
  }

  /** Tells every running handler that nobody waits for it any more. */
  abortAll(reason: unknown): void {
    for (const context of [...this.#running.values()]) {
      this.#settle(context);
      context.abort(reason);
    }
  }

  /** Resolves when no handler is running. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #run(message: RequestMessage, handler: RequestHandler | undefined): void {
    const context = new RequestContext(message.id, message.method, this.#replies);
    let outcome: unknown;
    try {
      outcome = handler === undefined ? this.#fallback?.(message.raw, context) : handler(message.params, context);
    } catch (error) {
      this.#answerError(message.id, error);
      return;
    }
    if (!isThenable(outcome)) {
      this.#answer(message.id, outcome);
      return;
    }
    this.#running.set(message.id, context);
    outcome.then(
      (result) => {
        if (this.#settle(context)) this.#answer(message.id, result);
      },
      (error: unknown) => {
        if (this.#settle(context)) this.#answerError(message.id, error);
      },
    );
  }

  /** Takes the request out of the running ones; false when it was answered already. */
  #settle(context: RequestContext): boolean {
    if (this.#running.get(context.id) !== context) return false;
    this.#running.delete(context.id);
    if (this.#running.size === 0) for (const resolve of this.#onIdle.splice(0)) queueMicrotask(resolve);
    return true;
  }

  #answer(id: RequestId, result: unknown): void {
    try {
      this.#replies.result(id, result);
    } catch (error) {
      this.#answerError(id, error);
    }
  }

  #answerError(id: RequestId, error: unknown): void {
    const answer = toErrorObject(error);
    try {
      this.#replies.error(id, answer);
    } catch {
      // Its data can't be encoded; what it is about still can.
      this.#replies.error(id, { code: answer.code, message: answer.message.slice(0, 1024) });
    }
  }

  #refuse(id: RequestId, code: number, message: string): void {
    this.#replies.error(id, { code, message });
  }
}

/** Only an `RpcError` says what the other side may see; of any other error it gets the message, and no more. */
function toErrorObject(error: unknown): ErrorObject {
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    return data === undefined ? { code, message } : { code, message, data };
  }
  const message = error instanceof Error && error.message !== "" ? error.message : "Internal error";
  return { code: JsonRpcErrorCode.internalError, message };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
