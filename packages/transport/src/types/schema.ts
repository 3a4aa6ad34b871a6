/** The TypeScript type of what a JSON Schema describes; `unknown` for whatever it does not tell. */

import { literalText, memberName } from "./text.js";

/** What a schema describes: something to be sent may be read-only, something received is one's own. */
export type Direction = "sent" | "received";

type Schema = Readonly<Record<string, unknown>>;

const UNKNOWN = "unknown";
/** Deeper than this nobody reads; and a schema from elsewhere must not end the program. */
const MAX_DEPTH = 16;

export function typeOfSchema(schema: unknown, direction: Direction, depth = 0): string {
  if (schema === false) return "never";
  if (!isObject(schema) || depth > MAX_DEPTH) return UNKNOWN;
  const inner: TypeOf = (part) => typeOfSchema(part, direction, depth + 1);
  if ("const" in schema) return literal(schema["const"]);
  if (Array.isArray(schema["enum"])) return union(schema["enum"].map(literal));
  for (const name of ["anyOf", "oneOf"]) {
    const parts = schema[name];
    if (Array.isArray(parts)) return union(parts.map(inner));
  }
  const { type } = schema;
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  return union(types.map((each) => typeOfKind(each, schema, inner, direction)));
}

type TypeOf = (part: unknown) => string;

function typeOfKind(kind: unknown, schema: Schema, inner: TypeOf, direction: Direction): string {
  switch (kind) {
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return kind;
    case "array":
      return arrayOf(schema, inner, direction);
    case "object":
      return objectOf(schema, inner);
    default:
      return UNKNOWN;
  }
}

function arrayOf({ prefixItems, items }: Schema, inner: TypeOf, direction: Direction): string {
  const readonly = direction === "sent" ? "readonly " : "";
  if (Array.isArray(prefixItems)) {
    const rest = items === false ? [] : [`...${inner(items)}[]`];
    return `${readonly}[${[...prefixItems.map(inner), ...rest].join(", ")}]`;
  }
  const item = inner(items);
  return readonly === "" ? `Array<${item}>` : `ReadonlyArray<${item}>`;
}

function objectOf({ properties, required, additionalProperties }: Schema, inner: TypeOf): string {
  if (!isObject(properties))
    return `Record<string, ${isObject(additionalProperties) ? inner(additionalProperties) : UNKNOWN}>`;
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const members = Object.entries(properties).map(
    ([name, schema]) => `${memberName(name)}${needed.includes(name) ? "" : "?"}: ${inner(schema)}`,
  );
  return members.length === 0 ? "Record<string, unknown>" : `{ ${members.join("; ")} }`;
}

function literal(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "number") return String(value);
  return typeof value === "string" ? literalText(value) : UNKNOWN;
}

/** Each once; what is unknown makes all of it unknown. */
function union(types: readonly string[]): string {
  const distinct = [...new Set(types)];
  if (distinct.length === 0) return "never";
  return distinct.includes(UNKNOWN) ? UNKNOWN : distinct.join(" | ");
}

export function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
