import type { Dialect } from "../../dialects/contract.js";
import { ChannelError, RpcError } from "../../errors.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import type { Channel } from "../contract/channel.js";
import type { RequestContext } from "../contract/handlers.js";

/** A message as another library has it: a value, of which nothing is known. */
type AnyMessage = Readonly<Record<string, unknown>>;

export interface RelayOptions {
  /** Whose words for a cancel are. The channel has the same. */
  readonly dialect: Dialect;
  /** The code of the answer to a request that the channel could not bring one for: the worker has died, a limit. */
  readonly lostCode: number;
  /** True: each new life of the worker is told the hello that the first was told. For families whose programs keep no more. */
  readonly repeatsHello: boolean;
  /** Gets each message for the other library, in order. */
  readonly onMessage: (message: object) => void;
  /** Gets what belongs to no message. */
  readonly onError: (error: unknown) => void;
  /** The channel has ended, and every request is answered. Called once. */
  readonly onEnd: (cause: ChannelError) => void;
}

interface Hello {
  readonly method: string;
  readonly params: object | undefined;
}

interface Answer {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts a library that has requests, answers and ids of its own on top of a channel: whole messages go in and come out.
 * The channel numbers the requests, so both sides of it are free in their ids; every request of the library is answered
 * once, by an error at the latest when the channel ends.
 */
export class Relay {
  readonly #channel: Channel;
  readonly #options: RelayOptions;
  readonly #cancel: string | undefined;
  /** Requests of the library, by its ids. */
  readonly #asked = new Map<unknown, AbortController>();
  /** Requests of the other side, by the numbers that the library knows them under. */
  readonly #toAnswer = new Map<unknown, Answer>();
  #lastNumber = 0;
  #hello: Hello | undefined;
  #ended: ChannelError | undefined;
  #isOver = false;

  constructor(channel: Channel, options: RelayOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#cancel = options.dialect.controls.cancel;
    channel.onRequest((message: AnyMessage, context) => this.#ask(message, context));
    channel.onNotification((message: AnyMessage) => {
      this.#hand(message);
    });
    if (options.repeatsHello) {
      channel.onEvent(({ type }) => (type === "exited" ? this.#greetAgain() : undefined));
    }
    void channel.closed.then((cause) => {
      this.#ended = cause;
      this.#endWhenAnswered();
    });
  }

  /** Sends a message of the library. Rejects when it is none, or can't be sent; a request that can't be is answered. */
  async take(given: object): Promise<void> {
    const message = given as AnyMessage;
    const { id, method } = message;
    if (method === undefined) this.#answer(message);
    else if (typeof method !== "string") throw new TypeError("The method of a message must be a string.");
    else if (id !== undefined) this.#request(id, method, message["params"] as object | undefined);
    else if (method === this.#cancel) this.#abort(message["params"]);
    else await this.#channel.notify(method, message["params"] as object | undefined);
  }

  #request(id: unknown, method: string, params: object | undefined): void {
    if (this.#asked.has(id))
      throw new TypeError(`${method}: a request with the id ${String(id)} waits for its answer.`);
    if (method === this.#options.dialect.hello?.request) this.#hello = { method, params };
    const controller = new AbortController();
    this.#asked.set(id, controller);
    this.#channel.request<unknown>(method, params, { signal: controller.signal }).then(
      (result) => {
        this.#settle(id, { result });
      },
      (error: unknown) => {
        this.#fail(id, controller.signal, error);
      },
    );
  }

  #fail(id: unknown, { aborted }: AbortSignal, error: unknown): void {
    if (!aborted) this.#settle(id, { error: this.#errorObject(error) });
    else if (this.#options.dialect.answersCancelled) {
      this.#settle(id, { error: { code: JsonRpcErrorCode.requestCancelled, message: "Request cancelled" } });
    } else this.#settle(id, undefined);
  }

  /** @param outcome `undefined` for one that is not answered */
  #settle(id: unknown, outcome: object | undefined): void {
    this.#asked.delete(id);
    if (outcome !== undefined) this.#tell({ jsonrpc: "2.0", id, ...outcome });
    if (this.#ended !== undefined) this.#endWhenAnswered();
  }

  #errorObject(error: unknown): object {
    if (error instanceof RpcError) {
      const { code, message, data } = error;
      return data === undefined ? { code, message } : { code, message, data };
    }
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof ChannelError)) return { code: this.#options.lostCode, message };
    const { code, delivery, exitCode, signal, stderr } = error;
    return { code: this.#options.lostCode, message, data: { code, delivery, exitCode, signal, stderr } };
  }

  #abort(params: unknown): void {
    const id = (params as AnyMessage | undefined)?.[this.#options.dialect.idIn];
    this.#asked.get(id)?.abort();
  }

  /** An answer that nobody waits for any more is dropped: the request was cancelled. */
  #answer({ id, result, error }: AnyMessage): void {
    const waiting = this.#toAnswer.get(id);
    this.#toAnswer.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(asRpcError(error));
  }

  /** Asks the library. Nobody waits for the answer to a request that was cancelled. */
  #ask({ method, params }: AnyMessage, { signal }: RequestContext): Promise<unknown> {
    const id = (this.#lastNumber += 1);
    const answer = new Promise<unknown>((resolve, reject) => this.#toAnswer.set(id, { resolve, reject }));
    this.#hand(params === undefined ? { jsonrpc: "2.0", id, method } : { jsonrpc: "2.0", id, method, params });
    signal.addEventListener(
      "abort",
      () => {
        if (!this.#toAnswer.delete(id) || this.#cancel === undefined) return;
        this.#hand({ jsonrpc: "2.0", method: this.#cancel, params: this.#options.dialect.cancelParams(id, undefined) });
      },
      { once: true },
    );
    return answer;
  }

  /** In a microtask, as results are, so that they come in the order in which they arrived. */
  #hand(message: object): void {
    queueMicrotask(() => {
      this.#tell(message);
    });
  }

  #tell(message: object): void {
    if (this.#isOver) return;
    try {
      this.#options.onMessage(message);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** The next worker knows nothing of the last one's session. What it is said meanwhile waits for the hello. */
  async #greetAgain(): Promise<void> {
    const hello = this.#hello;
    const { done } = this.#options.dialect.hello ?? {};
    if (hello === undefined || !this.#goesOn()) return;
    try {
      await this.#channel.request(hello.method, hello.params);
      if (done !== undefined) await this.#channel.notify(done);
    } catch (error) {
      if (this.#goesOn()) this.#options.onError(error);
    }
  }

  /** Without another life everybody is told of the end. */
  #goesOn(): boolean {
    const { state } = this.#channel;
    return state !== "closing" && state !== "closed";
  }

  #endWhenAnswered(): void {
    const cause = this.#ended;
    if (cause === undefined || this.#asked.size > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnd(cause);
  }
}

/** What is no error in JSON-RPC's sense is answered as a mistake of this side. */
function asRpcError(error: unknown): Error {
  const { code, message, data } = (error ?? {}) as AnyMessage;
  try {
    return new RpcError(code as number, message as string, data === undefined ? {} : { data });
  } catch (mistake) {
    return mistake as TypeError;
  }
}
