// The Python that is here, if any: the library for Python is tested where one is found, and skipped visibly where not.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { Problem, run } from "./run.mjs";
import { cacheDirectory, root } from "./workspace.mjs";

export const pythonDirectory = join(root, "python");
export const NO_PYTHON = "there is no Python 3.9 or newer here";

/** The command of a Python that is new enough; undefined where there is none. */
export function findPython() {
  const isNewEnough = "import sys; sys.exit(sys.version_info < (3, 9))";
  return ["python3", "python"].find((command) => spawnSync(command, ["-c", isNewEnough]).status === 0);
}

/**
 * Everything that `unittest` finds in python/tests.
 * @param {string} python
 */
export function runUnittest(python) {
  return run(python, ["-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."], {
    cwd: pythonDirectory,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
}

/**
 * mypy in an environment of its own, which is made once. Where it can't be installed, that is said and nothing is checked.
 * @param {string} python
 * @returns {Promise<{ exitCode: number, output: string, skipped?: string }>}
 */
export async function runMypy(python) {
  const place = join(cacheDirectory, "python");
  const inPlace = join(place, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
  const isThere = async () => existsSync(inPlace) && (await run(inPlace, ["-m", "mypy", "--version"])).exitCode === 0;
  if (!(await isThere())) {
    const made = await run(python, ["-m", "venv", place]);
    if (made.exitCode !== 0) return { exitCode: 0, output: made.output, skipped: "this Python makes no environments" };
    await run(inPlace, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "mypy>=1.11,<3"]);
    if (!(await isThere())) return { exitCode: 0, output: "", skipped: "mypy could not be installed" };
  }
  return run(inPlace, ["-m", "mypy", "--cache-dir", join(cacheDirectory, "mypy")], { cwd: pythonDirectory });
}

/**
 * The Python that tests must have when they were asked for.
 * @returns {string}
 */
export function requirePython() {
  const python = findPython();
  if (python === undefined) throw new Problem(`The tests for Python were asked for, and ${NO_PYTHON}.`);
  return python;
}
