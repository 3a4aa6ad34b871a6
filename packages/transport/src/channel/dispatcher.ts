import { RpcError } from "../errors.js";
import type { RequestId, RequestMessage } from "../protocol/contract.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import { Announcements, type Announcement } from "./announcements.js";
import { keyOf } from "./id-key.js";
import type { Notifier } from "./notifier.js";
import { replyError, type Reply } from "./replies.js";
import { RequestContext, type InputHost } from "./request-context.js";
import { RunningRequests, type Running } from "./running.js";
import type { Sender } from "./sender.js";
import { StreamReader } from "./stream-reader.js";
import { isIterableAsync, StreamWriter } from "./stream-writer.js";

export type RequestHandler = (params: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
export type AnyRequestHandler = (message: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above

/** Wraps each handler of an incoming request: call `next` for the result, or answer, or throw instead. */
export type HandlerInterceptor = (
  call: { readonly method: string; readonly params: unknown; readonly context: RequestContext },
  next: (params: unknown) => unknown,
) => unknown;

export interface DispatcherOptions {
  readonly maxRunning: number;
  readonly streamWindow: number;
  readonly interceptor: HandlerInterceptor | undefined;
}

/** Runs the handlers of incoming requests, and sees to it that each request is answered exactly once. */
export class Dispatcher implements InputHost {
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #running = new RunningRequests();
  readonly #announcements = new Announcements();
  /** What each side answers by itself; names of the protocol's own. A handler of the same name goes first. */
  readonly #builtIns = new Map<string, RequestHandler>([
    ["$/ping", () => null],
    ["rpc.discover", () => ({ methods: [...this.#handlers.keys()].sort().map((name) => ({ name })) })],
  ]);
  readonly #sender: Sender;
  readonly #notifier: Notifier;
  readonly #options: DispatcherOptions;
  #fallback: AnyRequestHandler | undefined;
  #onIdle: (() => void)[] = [];

  constructor(sender: Sender, notifier: Notifier, options: DispatcherOptions) {
    this.#sender = sender;
    this.#notifier = notifier;
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
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

  receive(message: RequestMessage, reply: Reply): void {
    const { id, method } = message;
    const key = keyOf(id);
    const announcement = this.#announcements.take(key);
    const handler = this.#handlers.get(method) ?? this.#builtIns.get(method);
    if (handler === undefined && this.#fallback === undefined) {
      replyError(reply, id, new RpcError(JsonRpcErrorCode.methodNotFound, `Method not found: ${method}`));
    } else if (this.#running.get(key) !== undefined) {
      const text = "Invalid request: a request with this id is still running";
      reply.error(id, { code: JsonRpcErrorCode.invalidRequest, message: text });
    } else if (this.#running.size >= this.#options.maxRunning) {
      const text = `Busy: ${this.#options.maxRunning} requests are running`;
      reply.error(id, { code: JsonRpcErrorCode.busy, message: text });
    } else {
      this.#run(message, handler, reply, announcement);
    }
  }

  /** Answers the request as cancelled and tells its handler; what the handler returns later is dropped. */
  cancel(id: RequestId): void {
    const key = keyOf(id);
    this.#announcements.take(key);
    const running = this.#running.get(key);
    if (running === undefined) return;
    const reason = new RpcError(JsonRpcErrorCode.requestCancelled, "Request cancelled");
    this.#settle(running);
    // By the id as the request had it: 1 cancels 1.0 as well.
    replyError(running.reply, running.context.id, reason);
    stop(running, reason);
  }

  /** The caller takes so many items more of a streamed answer; said before the request: it wants a stream. */
  pull(id: RequestId, count: number): void {
    const running = this.#running.get(keyOf(id));
    if (running === undefined) this.#announcements.of(keyOf(id)).credit += count;
    else if (running.output !== undefined) running.output.grant(count);
    else if (running.announcement !== undefined) running.announcement.credit += count;
  }

  /** The caller announces that a stream of inputs goes with the request that follows. */
  openInput(id: RequestId): void {
    if (this.#running.get(keyOf(id)) === undefined) this.#announcements.of(keyOf(id)).hasInput = true;
  }

  /** A handler that is sent what it has not asked for hears of it: it must not work on a part of its inputs. */
  inputItems(id: RequestId, items: readonly unknown[]): void {
    const input = this.#running.get(keyOf(id))?.input;
    try {
      input?.push(items);
    } catch (error) {
      input?.fail(error);
    }
  }

  /** Inputs have arrived that can't be read: the handler must not work on the rest. False when none reads them. */
  inputFailed(id: RequestId, errorOf: (method: string) => unknown): boolean {
    const running = this.#running.get(keyOf(id));
    running?.input?.fail(errorOf(running.context.method));
    return running?.input !== undefined;
  }

  inputEnd(id: RequestId): void {
    const running = this.#running.get(keyOf(id));
    if (running?.announcement !== undefined) running.announcement.hasInput = false;
    running?.input?.end(undefined);
  }

  /** The handler asks for its inputs: what it has not asked for never arrives. */
  inputOf({ id }: RequestContext): StreamReader<unknown> {
    const running = this.#running.get(keyOf(id));
    if (running?.input !== undefined) return running.input;
    const { streamWindow } = this.#options;
    const pull = (count: number): void => void this.#sender.control("$/input/pull", { id, count });
    const input = new StreamReader(streamWindow, {
      start: () => {
        pull(streamWindow);
      },
      pull,
      cancel: () => undefined,
    });
    if (running?.announcement?.hasInput !== true) input.end(undefined);
    if (running !== undefined) running.input = input;
    return input;
  }

  /** Tells every running handler that nobody waits for it any more. */
  abortAll(reason: unknown): void {
    for (const running of this.#running.all()) {
      this.#settle(running);
      stop(running, reason);
    }
  }

  /** Resolves when no handler is running. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #run(
    message: RequestMessage,
    handler: RequestHandler | undefined,
    reply: Reply,
    announcement: Announcement | undefined,
  ): void {
    const context = new RequestContext(message.id, message.method, this.#notifier, this);
    const running: Running = {
      id: keyOf(message.id),
      context,
      reply,
      announcement,
      input: undefined,
      output: undefined,
    };
    // Known before the handler runs: it may read its inputs at once.
    if (announcement !== undefined) this.#running.add(running);
    let outcome: unknown;
    let kind: "stream" | "promise" | "value";
    try {
      outcome = this.#call(message, handler, context);
      // Looking at what a handler returns can run code of its own, and fail like the handler.
      kind = isIterableAsync(outcome) ? "stream" : isThenable(outcome) ? "promise" : "value";
    } catch (error) {
      this.#settle(running);
      replyError(reply, context.id, error);
      return;
    }
    if (kind === "value") {
      this.#settle(running);
      answer(reply, context.id, outcome);
      return;
    }
    if (announcement === undefined) this.#running.add(running);
    if (kind === "stream") this.#stream(running, outcome as AsyncIterable<unknown>);
    else this.#await(running, Promise.resolve(outcome));
  }

  #call(message: RequestMessage, handler: RequestHandler | undefined, context: RequestContext): unknown {
    const { interceptor } = this.#options;
    if (interceptor === undefined && handler !== undefined) return handler(message.params, context);
    const run = (params: unknown): unknown =>
      handler === undefined ? this.#fallback?.(message.raw, context) : handler(params, context);
    if (interceptor === undefined) return run(message.params);
    return interceptor({ method: message.method, params: message.params, context }, run);
  }

  #await(running: Running, outcome: PromiseLike<unknown>): void {
    outcome.then(
      (result) => {
        if (this.#running.get(running.id) !== running) return;
        if (isIterableAsync(result)) {
          this.#stream(running, result);
        } else {
          this.#settle(running);
          answer(running.reply, running.context.id, result);
        }
      },
      (error: unknown) => {
        if (this.#settle(running)) replyError(running.reply, running.context.id, error);
      },
    );
  }

  #stream(running: Running, items: AsyncIterable<unknown>): void {
    const { context, reply } = running;
    const credit = running.announcement?.credit ?? 0;
    let writer: StreamWriter;
    try {
      writer = new StreamWriter(items, this.#sender.items("$/stream/items", context.id));
    } catch (error) {
      // What the handler returned can't be iterated after all.
      this.#settle(running);
      replyError(reply, context.id, error);
      return;
    }
    if (credit === 0) {
      writer.stop();
      this.#settle(running);
      const text = `Invalid request: ${context.method} answers with a stream; call it by channel.stream()`;
      replyError(reply, context.id, new RpcError(JsonRpcErrorCode.invalidRequest, text));
      return;
    }
    running.output = writer;
    writer.grant(credit);
    void this.#finishStream(running, writer);
  }

  async #finishStream(running: Running, writer: StreamWriter): Promise<void> {
    const outcome = await writer.run();
    if (outcome === undefined || !this.#settle(running)) return;
    if ("failure" in outcome) replyError(running.reply, running.context.id, outcome.failure);
    else answer(running.reply, running.context.id, outcome.result);
  }

  /** Takes the request out of the running ones; false when it was answered already. */
  #settle(running: Running): boolean {
    running.context.finish();
    if (!this.#running.remove(running)) return false;
    if (this.#running.size === 0) for (const resolve of this.#onIdle.splice(0)) queueMicrotask(resolve);
    return true;
  }
}

function stop(running: Running, reason: unknown): void {
  running.output?.stop();
  running.input?.fail(reason);
  running.context.abort(reason);
}

function answer(reply: Reply, id: RequestId, result: unknown): void {
  try {
    reply.result(id, result);
  } catch (error) {
    replyError(reply, id, error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
