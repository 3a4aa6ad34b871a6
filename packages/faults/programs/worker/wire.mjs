// What the worker says, and the state that its faults share.

import { FRAMINGS } from "./framing.mjs";

/**
 * @typedef {string | number | null | undefined} Id
 * @typedef {object} Request
 * @property {Id} id
 * @property {unknown} result  what an honest worker would answer; `undefined` where the request named the fault itself
 *
 * @typedef {{
 *   key?: string, value: unknown, names: string[], code: number, signal: NodeJS.Signals, text: string, bytes: number,
 *   method: string, params: unknown, ms: number, count: number, forgedId: unknown, hex: string, depth: number
 * }} Params
 *
 * @typedef {object} Fault
 * @property {string} what  goes on from "a worker that ..."
 * @property {"start" | "request"} when  it misbehaves: from its start on, or instead of an answer
 * @property {Partial<Params>} [usual]  what stands after the `=` goes to the first of these; the others are params only
 * @property {string} [framing]  where it makes sense with some framings only: which
 * @property {(request: Request, params: Params) => void} act
 */

/** Set once, when the worker starts. */
export const state = {
  framing: FRAMINGS.line,
  /** Nothing that is said to it reaches it. */
  isMute: false,
  /** Neither a farewell nor the end of its input ends it. */
  isDeaf: false,
};

/** @param {object} message */
export function frameOf(message) {
  return state.framing.frame(Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message })));
}

/** @param {object} message */
export function say(message) {
  process.stdout.write(frameOf(message));
}

/** @param {Id} id @param {unknown} result */
export function answer(id, result) {
  say({ id, result });
}

/** A frame around any text, or any bytes. @param {string | Buffer} payload */
export function sayRaw(payload) {
  process.stdout.write(state.framing.frame(Buffer.from(payload)));
}

/** The process goes on for as long as nobody ends it. */
export function liveOn() {
  setInterval(() => undefined, 1000);
}
