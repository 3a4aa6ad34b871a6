// The thread of piscina in the table of faults: it does what the misbehaving worker does, as far as a thread can.

import { FAULTS } from "../../../packages/faults/programs/worker/faults.mjs";

/** @typedef {import("../../../packages/faults/programs/worker/wire.mjs").Params} Params */

/** @param {{ fault: string }} task @returns {Promise<unknown>} */
export default async function answer({ fault: name }) {
  const fault = FAULTS.get(name);
  if (fault === undefined) return { a: 1 };
  if (name === "never") return new Promise(() => undefined);
  const { ms = 0 } = fault.usual ?? {};
  if (name === "later") return new Promise((resolve) => setTimeout(resolve, ms, { a: 1 }));
  fault.act({ id: 1, result: { a: 1 } }, /** @type {Params} */ (fault.usual ?? {}));
  // What was rejected unheard ends a process in the next turn; a thread, too.
  return new Promise((resolve) => setTimeout(resolve, 100, { a: 1 }));
}
