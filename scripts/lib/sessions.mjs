// Runs test/runtimes: a parent that talks to workers, and a parent that is killed while its workers are busy.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { root } from "./workspace.mjs";

/**
 * @typedef {import("../../test/runtimes/sessions.mjs").Worker} Worker
 * @typedef {{ passed: number, problems: string[] }} Found
 * @typedef {{ program: string, args: string[] }} Start how a runtime starts a script
 */

/** For all sessions together; each has its own, shorter one. */
const PATIENCE_MS = 180_000;
/** An orphan is gone at most so long after its parent. */
const ORPHAN_MS = 1_000;

const folder = join(root, "test", "runtimes");
export const workerFile = join(folder, "worker.mjs");

/**
 * @param {Start} parent
 * @param {Worker[]} workers
 * @returns {Promise<Found>}
 */
export async function runSessions(parent, workers) {
  const found = await talk(parent, workers);
  const orphans = await killedParent(parent, workers);
  return { passed: found.passed + orphans.passed, problems: [...found.problems, ...orphans.problems] };
}

/**
 * @param {Start} parent
 * @param {Worker[]} workers
 * @returns {Promise<Found>}
 */
async function talk(parent, workers) {
  const child = start(parent, "sessions.mjs", workers);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  /** @type {Found} */
  const found = { passed: 0, problems: [] };
  let finished = false;
  const ended = new Promise((resolve) => {
    child.once("error", resolve).once("close", (code, signal) => resolve(signal ?? code));
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome = outcomeOf(line);
    if (outcome === undefined) found.problems.push(`printed ${JSON.stringify(line)}`);
    else if (outcome.finished === true) finished = true;
    else if (outcome.problem === undefined) found.passed += 1;
    else found.problems.push(`with the ${outcome.worker} worker: ${outcome.session}: ${firstLine(outcome.problem)}`);
  }
  const how = await ended;
  clearTimeout(timer);
  if (!finished) found.problems.push(`the sessions did not finish: ${how}`);
  else if (how !== 0) found.problems.push(`the process did not end by itself with exit code 0: ${how}`);
  return found;
}

/**
 * @param {Start} parent
 * @param {Worker[]} workers
 * @returns {Promise<Found>}
 */
async function killedParent(parent, workers) {
  const what = "a parent that is killed leaves no process behind";
  const child = start(parent, "orphans.mjs", workers);
  child.on("error", () => undefined);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  /** @type {{ pids: number[] } | undefined} */
  let started;
  for await (const line of createInterface({ input: child.stdout })) {
    started = JSON.parse(line);
    // The requests that keep the workers busy leave with the end of the turn, and take a moment to begin.
    await sleep(300);
    child.kill("SIGKILL");
  }
  clearTimeout(timer);
  if (started === undefined) return { passed: 0, problems: [`${what}: it did not start`] };
  await sleep(ORPHAN_MS);
  const left = started.pids.filter(isAlive);
  for (const pid of left) process.kill(pid, "SIGKILL");
  return left.length === 0
    ? { passed: 1, problems: [] }
    : { passed: 0, problems: [`${what}: ${left.length} of ${started.pids.length} were there after ${ORPHAN_MS} ms`] };
}

/**
 * @param {Start} parent
 * @param {string} script
 * @param {Worker[]} workers
 */
function start({ program, args }, script, workers) {
  return spawn(program, [...args, join(folder, script), JSON.stringify(workers)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/**
 * @param {string} line
 * @returns {{ finished?: true, worker: string, session: string, problem?: string } | undefined}
 */
function outcomeOf(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** @param {string} text */
function firstLine(text) {
  return text.split("\n", 1)[0] ?? "";
}

/** Dead processes that nobody has asked for yet are gone. @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !readFileSync(status, "utf8").includes(") Z ");
}
