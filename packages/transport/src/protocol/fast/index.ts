/**
 * Shortcuts of the protocol: each gives `undefined` where it does not apply, and the readable path judges. Without this
 * folder nothing but speed changes.
 */
export { readPlainAnswer } from "./json-answer.js";
