// Runs other programs, without a shell, and reports steps as one line each.

import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A sentence for the person at the terminal; printed as it is, never with a stack. */
export class Problem extends Error {
  /**
   * @param {string} message
   * @param {string} [output] what the failing program had printed
   */
  constructor(message, output = "") {
    super(message);
    this.output = output;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [show] let the program write to our terminal instead of keeping its output
 */

/**
 * Runs a program to its end; a program that fails is a result, one that cannot start is exit code 127.
 * @param {string} file
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
export function run(file, args, { cwd, env = process.env, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: show ? ["inherit", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout?.on("data", (chunk) => output.push(chunk));
    child.stderr?.on("data", (chunk) => output.push(chunk));
    child.once("error", (error) => {
      resolve({ exitCode: 127, output: `${file} did not start: ${error.message}\n` });
    });
    child.once("close", (exitCode, signal) => {
      if (signal !== null) output.push(Buffer.from(`${file} was ended by ${signal}\n`));
      resolve({ exitCode: exitCode ?? 1, output: Buffer.concat(output).toString("utf8") });
    });
  });
}

/**
 * Runs a JavaScript file with the Node that runs us.
 * @param {string} file
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export function runNode(file, args, options) {
  return run(process.execPath, [file, ...args], options);
}

/**
 * One line per step: its title while it works, then its time, or the word it returns. Where output is no terminal, a
 * long step says now and then that it still works.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work a returned string replaces the time
 * @param {number} [everyMs] where output is no terminal
 * @returns {Promise<T>}
 */
export async function step(title, work, everyMs = 15_000) {
  const started = Date.now();
  const head = `${title} ... `;
  process.stdout.write(head);
  const ticking = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r${head}${seconds(started)}`), 1000)
    : setInterval(() => process.stdout.write(`${seconds(started)} ... `), everyMs);
  let outcome = "failed";
  try {
    const result = await work();
    outcome = typeof result === "string" ? result : seconds(started);
    return result;
  } finally {
    clearInterval(ticking);
    process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${head}${outcome}\n` : `${outcome}\n`);
  }
}

/** @param {number} started */
export function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

/**
 * Was this module started as a program, rather than imported?
 * @param {string} moduleUrl its `import.meta.url`
 */
export function isProgram(moduleUrl) {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(moduleUrl);
}

/**
 * The body of a script: a Problem becomes its sentence and exit code 1.
 * @param {() => Promise<number | void>} body returns the exit code
 */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.output !== "") process.stderr.write(`\n${error.output.trimEnd()}\n`);
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
