// The published form of the packages, as tarballs.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { runPnpm } from "./pnpm.mjs";
import { Problem } from "./run.mjs";
import { root } from "./workspace.mjs";

/**
 * Packs every package, built before, into an emptied folder.
 * @param {string} folder
 * @returns {Promise<string[]>} the tarballs
 */
export async function packInto(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", folder];
  const { exitCode, output } = await runPnpm(args, { cwd: root });
  if (exitCode !== 0) throw new Problem("The packages could not be packed.", output);
  return readdirSync(folder).map((file) => join(folder, file));
}
