import type { Dialect } from "../../dialects/contract.js";
import type { AnyRequestHandler, RequestHandler } from "../contract/handlers.js";
import type { HandlerRegistry } from "./registry.js";

/** What answers requests of the other side, by method: the handlers of a registry, and what each side answers by itself. */
export class Handlers {
  readonly #registry: HandlerRegistry;
  readonly #byMethod: ReadonlyMap<string, RequestHandler>;
  /** Names of the dialect's own. A handler of the same name goes first. */
  readonly #builtIns = new Map<string, RequestHandler>();

  constructor(registry: HandlerRegistry, { ping, discover }: Dialect) {
    this.#registry = registry;
    this.#byMethod = registry.byMethod;
    if (ping !== undefined) this.#builtIns.set(ping, () => null);
    const describe = (): unknown => ({ methods: [...this.#byMethod.keys()].sort().map((name) => ({ name })) });
    if (discover !== undefined) this.#builtIns.set(discover, describe);
  }

  /** Answers what no other handler does. */
  get fallback(): AnyRequestHandler | undefined {
    return this.#registry.fallback;
  }

  of(method: string): RequestHandler | undefined {
    return this.#byMethod.get(method) ?? this.#builtIns.get(method);
  }
}
