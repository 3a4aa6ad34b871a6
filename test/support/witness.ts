import type { Channel, RequestOptions } from "@procwire/transport";
import { ExecutionLog, toldBy, type Told } from "./execution-log.js";

type Request = (method: string, params?: object, options?: RequestOptions) => Promise<unknown>;

/** Compares what became of the requests to a faulty worker, for their callers, with what the worker executed. */
export class Witness {
  readonly log = new ExecutionLog();
  readonly #told = new Map<string, Told>();

  /** Gives each request of the channel a key of its own, and remembers how it ends. */
  watch(channel: Channel): void {
    const request: Request = channel.request.bind(channel);
    const watched: Request = (method, params, options) => {
      // It may run as often as it likes.
      if (options?.idempotent === true) return request(method, params, options);
      const key = `request ${this.#told.size}`;
      this.#told.set(key, "unknown");
      const outcome = request(method, { ...params, key }, options);
      outcome.then(
        () => this.#told.set(key, "answered"),
        (error: unknown) => this.#told.set(key, toldBy(error)),
      );
      return outcome;
    };
    Object.defineProperty(channel, "request", { value: watched });
  }

  /** Each lie that the callers were told. To be called when the worker has ended. */
  lies(): string[] {
    return this.log.lies(this.#told);
  }
}
