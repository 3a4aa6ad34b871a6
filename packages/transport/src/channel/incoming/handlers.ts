import type { Dialect } from "../../dialects/contract.js";
import type { AnyRequestHandler, RequestHandler } from "../contract/handlers.js";
import type { Ceremony } from "../output/ceremony.js";
import type { HandlerRegistry } from "./registry.js";

/** What answers requests of the other side, by method: the handlers of a registry, and what each side answers by itself. */
export class Handlers {
  /** Whether a request that was cancelled is answered. */
  readonly answersCancelled: boolean;
  readonly #registry: HandlerRegistry;
  readonly #byMethod: ReadonlyMap<string, RequestHandler>;
  /** Names of the dialect's own. A handler of the same name goes first. */
  readonly #builtIns = new Map<string, RequestHandler>();
  readonly #ceremony: Ceremony | undefined;

  constructor(registry: HandlerRegistry, dialect: Dialect, ceremony?: Ceremony) {
    const { ping, pong, discover, goodbye } = dialect;
    this.answersCancelled = dialect.answersCancelled;
    this.#registry = registry;
    this.#byMethod = registry.byMethod;
    this.#ceremony = ceremony;
    if (ping !== undefined) this.#builtIns.set(ping, () => pong);
    const describe = (): unknown => ({ methods: [...this.#byMethod.keys()].sort().map((name) => ({ name })) });
    if (discover !== undefined) this.#builtIns.set(discover, describe);
    if (goodbye?.request !== undefined) this.#builtIns.set(goodbye.request, () => null);
  }

  /** Answers what no other handler does. */
  get fallback(): AnyRequestHandler | undefined {
    return this.#registry.fallback;
  }

  /** What answers it: also what refuses it, where it comes too early or too late. */
  of(method: string): RequestHandler | undefined {
    const refusal = this.#ceremony?.refusalOf(method);
    if (refusal !== undefined) {
      return () => {
        throw refusal;
      };
    }
    return this.#byMethod.get(method) ?? this.#builtIns.get(method);
  }
}
