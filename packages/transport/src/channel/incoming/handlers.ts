import type { Dialect } from "../../dialects/contract.js";
import type { AnyRequestHandler, RequestHandler } from "../contract/handlers.js";

/** What answers requests of the other side, by method. */
export class Handlers {
  readonly #byMethod = new Map<string, RequestHandler>();
  /** What each side answers by itself; names of the dialect's own. A handler of the same name goes first. */
  readonly #builtIns = new Map<string, RequestHandler>();
  #fallback: AnyRequestHandler | undefined;

  constructor({ ping, discover }: Dialect) {
    if (ping !== undefined) this.#builtIns.set(ping, () => null);
    const describe = (): unknown => ({ methods: [...this.#byMethod.keys()].sort().map((name) => ({ name })) });
    if (discover !== undefined) this.#builtIns.set(discover, describe);
  }

  /** Answers what no other handler does. */
  get fallback(): AnyRequestHandler | undefined {
    return this.#fallback;
  }

  of(method: string): RequestHandler | undefined {
    return this.#byMethod.get(method) ?? this.#builtIns.get(method);
  }

  /** Returns what removes the handler again. Throws when the method has one: two could not both answer. */
  add(method: string, handler: RequestHandler): () => void {
    if (this.#byMethod.has(method)) throw new Error(`A handler for requests of "${method}" is registered already.`);
    this.#byMethod.set(method, handler);
    return () => {
      if (this.#byMethod.get(method) === handler) this.#byMethod.delete(method);
    };
  }

  addFallback(handler: AnyRequestHandler): () => void {
    if (this.#fallback !== undefined) throw new Error("A handler for all requests is registered already.");
    this.#fallback = handler;
    return () => {
      if (this.#fallback === handler) this.#fallback = undefined;
    };
  }
}
