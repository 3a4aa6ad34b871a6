import type { RequestHandler } from "../../channel/contract/handlers.js";

/** What `serveStdio` and `listen` take: a function per method, as a plain object or a `Map`. */
export type Methods = Readonly<Record<string, RequestHandler>> | ReadonlyMap<string, RequestHandler>;

/**
 * The methods by name. Throws a `TypeError` for anything that would be served in part or not at all: an instance of a
 * class, whose methods are on its prototype, a value that is no function, a name that is no string.
 *
 * @param where the function that they are given to
 */
export function methodsOf(given: Methods, where: string): [string, RequestHandler][] {
  const entries: [unknown, unknown][] = given instanceof Map ? [...given] : Object.entries(assertPlain(given, where));
  return entries.map(([name, handler]) => {
    if (typeof name !== "string") throw new TypeError(`${where}: a method's name is a string, not ${nameOf(name)}`);
    if (typeof handler === "function") return [name, handler as RequestHandler];
    throw new TypeError(`${where}: "${name}" is ${nameOf(handler)}, and a method is a function`);
  });
}

function assertPlain(given: unknown, where: string): object {
  if (typeof given === "object" && given !== null && isPlain(given)) return given;
  throw new TypeError(
    `${where} needs its methods as a plain object or a Map, not ${nameOf(given)}. ` +
      "Of an instance of a class, name each method: { add: (params, context) => calculator.add(params, context) }",
  );
}

/** `{}`, also of another realm, an object without a prototype, and a module. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value));
}

function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : `a value of type ${typeof value}`;
  const constructor: unknown = Reflect.get(value, "constructor");
  return typeof constructor === "function" ? `an instance of ${constructor.name || "a class"}` : "an object";
}
