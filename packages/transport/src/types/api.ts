/** TypeScript for what a worker tells by `rpc.discover`. */

import { isObject, typeOfSchema } from "./schema.js";
import { comment, isIdentifier, memberName } from "./text.js";

interface Param {
  readonly name: string;
  readonly required: boolean;
  readonly type: string;
}

/**
 * An interface with a method for each that the worker serves, for `createStdioChannel<Api>`. What the worker does not tell is
 * `unknown`. Throws a `TypeError` when the answer is no list of methods.
 *
 * @param discovered what the worker has answered
 * @param name of the interface
 * @param origin where the answer comes from, for the first line
 */
export function writeApi(discovered: unknown, name: string, origin: string): string {
  const methods = new Map<string, string>();
  for (const method of methodsOf(discovered)) {
    const { name: each } = method;
    if (typeof each !== "string") throw new TypeError("The answer to rpc.discover has a method without a name.");
    if (!methods.has(each)) methods.set(each, writeMethod(each, method));
  }
  if (methods.size === 0) throw new TypeError("The answer to rpc.discover has no methods at all: is it a worker?");
  const head = comment(`Made from what ${origin} answers to rpc.discover: change the worker, not this file.`);
  return `${head}export interface ${name} {\n${[...methods.values()].join("")}}\n`;
}

function methodsOf(discovered: unknown): Readonly<Record<string, unknown>>[] {
  const methods = isObject(discovered) ? discovered["methods"] : undefined;
  if (Array.isArray(methods) && methods.every(isObject)) return methods;
  throw new TypeError("The answer to rpc.discover is not { methods: [{ name, ... }] }.");
}

function writeMethod(name: string, method: Readonly<Record<string, unknown>>): string {
  const { summary, params, result, items, stream } = method;
  const about = typeof summary === "string" ? comment(summary, "  ") : "";
  const answer = isObject(result) ? typeOfSchema(result["schema"], "received") : "unknown";
  const returned = stream === true ? `AsyncIterable<${typeOfSchema(items, "received")}>` : answer;
  // A property, not a method: the types of its params are compared strictly.
  return `${about}  ${memberName(name)}: (${paramsText(params)}) => ${returned};\n`;
}

/** By name or by position, as the caller likes; a worker that tells nothing takes anything. */
function paramsText(told: unknown): string {
  if (!Array.isArray(told)) return "params?: unknown";
  const params = told.filter(isObject).map(({ name, required, schema }): Param => ({
    name: typeof name === "string" ? name : "",
    required: required === true,
    type: typeOfSchema(schema, "sent"),
  }));
  if (params.length === 0) return "";
  const optional = params.every(({ required }) => !required) ? "?" : "";
  const forms = [byName(params), byPosition(params)].filter((form) => form !== undefined);
  return `params${optional}: ${forms.join(" | ")}`;
}

function byName(params: readonly Param[]): string {
  const members = params.map(({ name, required, type }) => `${memberName(name)}${required ? "" : "?"}: ${type}`);
  return `{ ${members.join("; ")} }`;
}

/** `undefined` where one that may be left out stands before one that may not. */
function byPosition(params: readonly Param[]): string | undefined {
  const firstOptional = params.findIndex(({ required }) => !required);
  if (firstOptional !== -1 && params.slice(firstOptional).some(({ required }) => required)) return undefined;
  const hasLabels = params.every(({ name }) => isIdentifier(name));
  const places = params.map(({ name, required, type }) => {
    if (hasLabels) return `${name}${required ? "" : "?"}: ${type}`;
    return required ? type : `(${type})?`;
  });
  return `readonly [${places.join(", ")}]`;
}
