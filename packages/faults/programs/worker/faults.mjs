// The table of faults: by name, in the order in which they are listed.

import { answers } from "./answers.mjs";
import { bytes } from "./bytes.mjs";
import { endings } from "./endings.mjs";
import { silences } from "./silences.mjs";

/** @typedef {import("./wire.mjs").Fault} Fault */

/** @type {ReadonlyMap<string, Fault>} */
export const FAULTS = new Map(Object.entries({ ...endings, ...silences, ...answers, ...bytes }));

/**
 * A fault with the value it was given, as in `exit=7`.
 * @typedef {{ readonly name: string, readonly fault: Fault, readonly params: Partial<import("./wire.mjs").Params> }} Chosen
 */

/** @param {string} word @returns {Chosen | undefined} `undefined` for what is no fault */
export function parseFault(word) {
  const [name = "", ...values] = word.replace(/^--/, "").split("=");
  const fault = FAULTS.get(name);
  if (fault === undefined) return undefined;
  const usual = fault.usual ?? {};
  const [parameter] = Object.keys(usual);
  if (values.length === 0 || parameter === undefined) return { name, fault, params: usual };
  const given = values.join("=");
  const isNumber = typeof Object.values(usual)[0] === "number";
  return { name, fault, params: { ...usual, [parameter]: isNumber ? Number(given) : given } };
}

/** The method that asks for the fault: `replyTwice` for `reply-twice`. @param {string} method */
export function faultOfMethod(method) {
  return FAULTS.get(method.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
}

/** What is wrong with a word of the command; `undefined` for a fault. @param {string} word */
export function problemWith(word) {
  const chosen = parseFault(word);
  if (chosen === undefined) return `There is no fault named ${word}: procwire-faults list names them all.`;
  const [value] = Object.values(chosen.params);
  const takesNone = word.includes("=") && chosen.fault.usual === undefined;
  if (takesNone) return `${chosen.name} takes no value, but got ${word}.`;
  return typeof value === "number" && !(Number.isSafeInteger(value) && value >= 0)
    ? `${chosen.name} takes a whole number, but got ${word}.`
    : undefined;
}
