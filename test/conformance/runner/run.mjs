// All sessions of one framing and one codec, played to a worker. One process plays many: it is replaced when a session
// has ended it, has failed, or needs one of its own.

import { play } from "./play.mjs";
import { isMeant, readSessions } from "./sessions.mjs";
import { WorkerProcess } from "./worker.mjs";

/** @typedef {{ name: string, rule: string, ms: number, failure?: string, stderr?: string }} Result */

/**
 * @param {readonly string[]} command
 * @param {import("./wire.mjs").Variant} variant
 * @param {{ level?: string, only?: string, brief?: boolean }} [options] `only`: a part of the names of the sessions to
 *   play; `brief`: without the shared vectors and messages of 64 MiB, which another framing has had already
 * @returns {Promise<Result[]>}
 */
export async function runSessions(command, variant, { level = "full", only = "", brief = false } = {}) {
  const sessions = readSessions().filter(
    (session) =>
      isMeant(session, variant, level) &&
      session.name.includes(only) &&
      !(brief && (session.large === true || session.name.startsWith("vectors/"))),
  );
  /** @type {Result[]} */
  const results = [];
  /** @type {WorkerProcess | undefined} */
  let worker;
  for (const session of sessions) {
    if (worker === undefined || !worker.isRunning || session.fresh === true) {
      await worker?.kill();
      worker = new WorkerProcess(command, variant);
    }
    const started = performance.now();
    const { name, rule } = session;
    try {
      await play(worker, session);
      results.push({ name, rule, ms: performance.now() - started });
    } catch (error) {
      const failure = /** @type {Error} */ (error).message;
      results.push({ name, rule, ms: performance.now() - started, failure, stderr: worker.stderr });
      await worker.kill();
      worker = undefined;
    }
  }
  await worker?.kill();
  return results;
}
