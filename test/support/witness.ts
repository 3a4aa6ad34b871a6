import { ChannelError, type Channel } from "@procwire/transport";
import { ExecutionLog } from "./execution-log.js";

/** What the caller was told. `"unknown"`: that it may have been executed or not. */
type Told = "answered" | "not-sent" | "unknown";

type Request = (method: string, params?: object, options?: object) => Promise<unknown>;

/** Compares what became of the requests to a faulty worker, for their callers, with what the worker executed. */
export class Witness {
  readonly log = new ExecutionLog();
  readonly #told = new Map<string, Told>();

  /** Gives each request of the channel a key of its own, and remembers how it ends. */
  watch(channel: Channel): void {
    const request: Request = channel.request.bind(channel);
    const watched: Request = (method, params, options) => {
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
    const executed = this.log.read();
    this.log.remove();
    return [...this.#told].flatMap(([key, told]) => lieAbout(key, told, executed.get(key) ?? 0));
  }
}

function toldBy(error: unknown): Told {
  return error instanceof ChannelError && error.delivery === "not-sent" ? "not-sent" : "unknown";
}

function lieAbout(key: string, told: Told, times: number): string[] {
  const isTrue = told === "not-sent" ? times === 0 : told === "answered" ? times === 1 : times <= 1;
  return isTrue ? [] : [`${key}: its caller was told "${told}", and it was executed ${times} times`];
}
