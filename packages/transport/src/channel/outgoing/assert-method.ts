import { nameOf } from "../../checks/name-of.js";

/** Throws a `TypeError`: a message without a method would be no message, and nobody would answer it. */
export function assertMethod(method: string, where: string): void {
  if (typeof method === "string") return;
  throw new TypeError(`${where} needs the name of a method, a string; not ${nameOf(method)}.`);
}
