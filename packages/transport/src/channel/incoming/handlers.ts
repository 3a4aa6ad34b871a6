import type { RequestContext } from "./request-context.js";

export type RequestHandler = (params: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- the handler names the type it expects; the wire can't promise it
export type AnyRequestHandler = (message: any, context: RequestContext) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above

/** What answers requests of the other side, by method. */
export class Handlers {
  readonly #byMethod = new Map<string, RequestHandler>();
  /** What each side answers by itself; names of the protocol's own. A handler of the same name goes first. */
  readonly #builtIns = new Map<string, RequestHandler>([
    ["$/ping", () => null],
    ["rpc.discover", () => ({ methods: [...this.#byMethod.keys()].sort().map((name) => ({ name })) })],
  ]);
  #fallback: AnyRequestHandler | undefined;

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
