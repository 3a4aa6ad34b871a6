import type { Dialect } from "../../dialects/contract.js";
import type { AnyRequestHandler, RequestHandler } from "../contract/handlers.js";
import type { HandlerRegistry } from "./registry.js";

/** What answers requests of the other side, by method: the handlers of a registry, and what each side answers by itself. */
export class Handlers {
  readonly #registry: HandlerRegistry;
  readonly #byMethod: ReadonlyMap<string, RequestHandler>;
  /** Names of the dialect's own. A handler of the same name goes first. */
  readonly #builtIns = new Map<string, RequestHandler>();

  /** @param onFarewell for a side that ends when it is asked to, by a request as well */
  constructor(registry: HandlerRegistry, { ping, discover, farewell }: Dialect, onFarewell?: () => void) {
    this.#registry = registry;
    this.#byMethod = registry.byMethod;
    if (ping !== undefined) this.#builtIns.set(ping, () => null);
    if (farewell !== undefined && onFarewell !== undefined) {
      this.#builtIns.set(farewell, () => {
        onFarewell();
        return null;
      });
    }
    if (discover !== undefined) this.#builtIns.set(discover, () => ({ methods: this.#described() }));
  }

  /** Answers what no other handler does. */
  get fallback(): AnyRequestHandler | undefined {
    return this.#registry.fallback;
  }

  of(method: string): RequestHandler | undefined {
    return this.#byMethod.get(method) ?? this.#builtIns.get(method);
  }

  /** By name. A function does not tell what it takes, but an `async function*` that it streams. */
  #described(): object[] {
    return [...this.#byMethod]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, handler]) => (isGenerator(handler) ? { name, stream: true } : { name }));
  }
}

function isGenerator(handler: RequestHandler): boolean {
  return Object.prototype.toString.call(handler) === "[object AsyncGeneratorFunction]";
}
