import { RpcError } from "../../errors.js";
import type { RequestId, RequestMessage } from "../../protocol/contract.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import { Announcements, type Announcement } from "./announcements.js";
import type { RequestHandler } from "../contract/handlers.js";
import type { Handlers } from "./handlers.js";
import { keyOf } from "../records/id-key.js";
import type { Notifier } from "../outgoing/notifier.js";
import { isIterableAsync, kindOf, watch } from "../contract/outcome.js";
import { answer, refuseAsBusy, replyError, type Reply } from "./replies.js";
import { outputOf, type Output } from "./output-of.js";
import { HandlerContext, type ContextHost } from "./request-context.js";
import type { IncomingOptions } from "./incoming-options.js";
import { RunningRequests, stop, type Running } from "./running.js";
import type { Sender } from "../output/sender.js";
import { firstCredit, StreamReader } from "../streams/stream-reader.js";
import { StreamWriter } from "../streams/stream-writer.js";

/** Runs the handlers of incoming requests, and sees to it that each request is answered exactly once. */
export class Incoming implements ContextHost {
  readonly #handlers: Handlers;
  readonly #running = new RunningRequests();
  readonly #announcements = new Announcements();
  readonly #sender: Sender;
  readonly #notifier: Notifier;
  readonly #options: IncomingOptions;
  readonly ask: ContextHost["ask"];
  /** Bytes of the requests that are running. */
  #held = 0;
  #onIdle: (() => void)[] = [];
  #ended: { readonly reason: unknown } | undefined;

  constructor(handlers: Handlers, sender: Sender, notifier: Notifier, options: IncomingOptions) {
    this.#handlers = handlers;
    this.#sender = sender;
    this.#notifier = notifier;
    this.#options = options;
    this.ask = options.ask;
  }

  get running(): number {
    return this.#running.size;
  }

  /** @param bytes the size of the frame that it came in; 0 for one of a batch that is held as a whole */
  receive(message: RequestMessage, reply: Reply, bytes: number): void {
    const { id, method } = message;
    const key = keyOf(id);
    const announcement = this.#announcements.take(key);
    const handler = this.#handlers.of(method);
    if (handler === undefined && this.#handlers.fallback === undefined) {
      replyError(reply, id, new RpcError(JsonRpcErrorCode.methodNotFound, `Method not found: ${method}`));
    } else if (this.#running.get(key) !== undefined) {
      const text = "Invalid request: a request with this id is still running";
      reply.error(id, { code: JsonRpcErrorCode.invalidRequest, message: text });
    } else if (this.#running.size >= this.#options.maxRunning) {
      refuseAsBusy(reply, id, `${this.#options.maxRunning} requests are running`);
    } else if (this.#held + bytes > this.#options.maxBytes && this.#held > 0) {
      refuseAsBusy(reply, id, `the requests that are running hold ${this.#options.maxBytes} bytes`);
    } else if (this.#sender.isClogged) {
      this.#options.refusals.refuse(reply, id, this.#sender.queuedBytes);
    } else {
      this.#options.refusals.reset();
      this.#run(message, handler, reply, announcement, bytes);
    }
  }

  /** A batch counts until its last answer. False when there is no room for it. */
  hold(bytes: number): boolean {
    if (this.#held + bytes > this.#options.maxBytes && this.#held > 0) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
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
    if (this.#handlers.answersCancelled) replyError(running.reply, running.context.id, reason);
    else running.reply.skip?.();
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
  inputItems(id: RequestId, items: readonly unknown[], bytes: number): void {
    const input = this.#running.get(keyOf(id))?.input;
    try {
      input?.push(items, bytes);
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
  inputOf(context: HandlerContext): StreamReader<unknown> {
    const { id } = context;
    const known = this.#running.get(keyOf(id));
    // A handler that is answered may still ask, and another request may have its id by now.
    const running = known?.context === context ? known : undefined;
    if (running?.input !== undefined) return running.input;
    const { streamWindow, maxBytes } = this.#options;
    const pull = (count: number): void => void this.#sender.control("input-pull", { id, count });
    const input = new StreamReader(streamWindow, maxBytes, {
      start: () => {
        pull(firstCredit(streamWindow));
      },
      pull,
      cancel: () => undefined,
    });
    if (running?.announcement?.hasInput !== true) input.end(undefined);
    if (running !== undefined) running.input = input;
    return input;
  }

  /** Tells every running handler that nobody waits for it any more: the channel has ended. */
  abortAll(reason: unknown): void {
    this.#ended = { reason };
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
    bytes: number,
  ): void {
    const context = new HandlerContext(message, this.#notifier, this);
    const id = keyOf(message.id);
    const running: Running = { id, context, reply, bytes, announcement, input: undefined, output: undefined };
    // Known before the handler runs: it may read its inputs at once.
    if (announcement !== undefined) this.#add(running);
    let outcome: unknown;
    let kind: ReturnType<typeof kindOf>;
    try {
      outcome = this.#call(message, handler, context);
      // Looking at what a handler returns can run code of its own, and fail like the handler.
      kind = kindOf(outcome);
    } catch (error) {
      this.#settle(running);
      this.#replyFailure(running, error);
      return;
    }
    if (kind === "value") {
      this.#settle(running);
      answer(reply, context.id, outcome);
      return;
    }
    if (this.#ended !== undefined) {
      // The handler has closed the channel.
      if (kind === "promise") void watch(outcome, () => undefined);
      this.#settle(running);
      stop(running, this.#ended.reason);
      return;
    }
    if (announcement === undefined) this.#add(running);
    if (kind === "stream") this.#stream(running, outcome as AsyncIterable<unknown>);
    else void this.#await(running, outcome);
  }

  #call(message: RequestMessage, handler: RequestHandler | undefined, context: HandlerContext): unknown {
    const { interceptor } = this.#options;
    if (interceptor === undefined && handler !== undefined) return handler(message.params, context);
    const run = (params: unknown): unknown =>
      handler === undefined ? this.#handlers.fallback?.(message.raw, context) : handler(params, context);
    if (interceptor === undefined) return run(message.params);
    return interceptor({ method: message.method, params: message.params, context }, run);
  }

  /** By `await`: see `watch`. */
  async #await(running: Running, outcome: unknown): Promise<void> {
    try {
      const result = await outcome;
      if (this.#running.get(running.id) !== running) return;
      if (isIterableAsync(result)) {
        this.#stream(running, result);
      } else {
        this.#settle(running);
        answer(running.reply, running.context.id, result);
      }
    } catch (error) {
      this.#fail(running, error);
    }
  }

  #fail(running: Running, error: unknown): void {
    if (this.#settle(running)) this.#replyFailure(running, error);
  }

  #replyFailure({ reply, context }: Running, error: unknown): void {
    this.#options.onFailure?.(error, context.method);
    replyError(reply, context.id, error);
  }

  #stream(running: Running, items: AsyncIterable<unknown>): void {
    const { context } = running;
    let output: Output;
    let writer: StreamWriter;
    try {
      output = outputOf(this.#sender, context, running.announcement);
      writer = new StreamWriter(items, output.sink);
    } catch (error) {
      // What the handler returned can't be iterated after all.
      this.#fail(running, error);
      return;
    }
    if (output.credit === 0) {
      writer.stop();
      const text = `Invalid request: ${context.method} answers with a stream; call it by channel.stream()`;
      this.#fail(running, new RpcError(JsonRpcErrorCode.invalidRequest, text));
      return;
    }
    running.output = writer;
    writer.grant(output.credit);
    void this.#finishStream(running, writer, output.resultOf);
  }

  async #finishStream(running: Running, writer: StreamWriter, resultOf: Output["resultOf"]): Promise<void> {
    const outcome = await writer.run();
    if (outcome === undefined || !this.#settle(running)) return;
    if ("failure" in outcome) this.#replyFailure(running, outcome.failure);
    else answer(running.reply, running.context.id, resultOf(outcome.result));
  }

  #add(running: Running): void {
    this.#running.add(running);
    this.#held += running.bytes;
  }

  /** Takes the request out of the running ones; false when it was answered already. */
  #settle(running: Running): boolean {
    running.context.finish();
    if (!this.#running.remove(running)) return false;
    this.#held -= running.bytes;
    if (this.#running.size === 0) for (const resolve of this.#onIdle.splice(0)) queueMicrotask(resolve);
    return true;
  }
}
