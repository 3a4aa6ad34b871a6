import type { Fields } from "./contract.js";

/** The members of a map; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The params with members more, as a copy. By position there is no place for them. */
export function withMembers(params: object | undefined, members: Fields): object | undefined {
  return Array.isArray(params) ? params : { ...params, ...members };
}

/** A token is a number or a string; anything else asks for nothing. */
export function tokenIn(value: unknown): number | string | undefined {
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}
