/**
 * Shortcuts of the codec: each gives `undefined` where it does not apply, and `JSON` does the work. Without this folder
 * nothing but speed changes.
 */
export { readLongString, stringifyLongStrings } from "./json-long-strings.js";
export { stringifySmall } from "./json-small.js";
