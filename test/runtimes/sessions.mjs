// What a parent and a worker do with each other, as a plain program, for runtimes on which the tests' runner does not run:
// `RUNTIME sessions.mjs WORKERS`, where WORKERS is JSON. Each session prints a line of JSON with what became of it. The
// program ends by itself, with an idle channel left open: should it not, it keeps the process alive, or a worker does.

import { cases } from "./cases.mjs";

/**
 * @typedef {object} Worker
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {boolean} hasNodeApi serves what only worker.mjs does
 *
 * @typedef {{ name: string, nodeOnly?: boolean, run: (worker: Worker) => Promise<void> }} Case
 * @typedef {{ worker: string, session: string, problem: string | undefined }} Outcome
 */

const PATIENCE_MS = 20_000;

/** @type {Worker[]} */
const workers = JSON.parse(process.argv[2] ?? "[]");

for (const worker of workers) {
  for (const { name, nodeOnly, run } of cases) {
    if (nodeOnly && !worker.hasNodeApi) continue;
    /** @type {Outcome} */
    const outcome = { worker: worker.name, session: name, problem: await problemOf(run(worker)) };
    console.log(JSON.stringify(outcome));
  }
}
console.log(JSON.stringify({ finished: true }));

/**
 * @param {Promise<void>} session
 * @returns {Promise<string | undefined>}
 */
async function problemOf(session) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<string>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, `did not end within ${PATIENCE_MS / 1000} s`);
  });
  const ended = session.then(
    () => undefined,
    (/** @type {unknown} */ error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
  const problem = await Promise.race([ended, late]);
  clearTimeout(timer);
  return problem;
}
