import type { RequestId } from "../protocol/contract.js";

/** What a handler may say while it works. */
interface Speaker {
  notify(method: string, params: unknown): Promise<void>;
}

/** Handed to the handler of a request beside its params. */
export class RequestContext {
  readonly id: RequestId;
  readonly method: string;
  readonly #speaker: Speaker;
  // Made when somebody asks for it: most handlers don't, and a controller costs more than a small request.
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(id: RequestId, method: string, speaker: Speaker) {
    this.id = id;
    this.method = method;
    this.#speaker = speaker;
  }

  /** Aborts when the caller cancels the request, or when the channel ends. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Sends a notification to the caller's side. Resolves when it is handed to the pipe. */
  notify(method: string, params?: object): Promise<void> {
    return this.#speaker.notify(method, params);
  }

  /** Tells the caller how far the work is; reaches the `onProgress` of its request. */
  progress(value: unknown): Promise<void> {
    return this.#speaker.notify("$/progress", { token: this.id, value });
  }

  /** Called by the dispatcher. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}
