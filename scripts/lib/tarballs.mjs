// The published form of the packages, as tarballs.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { runPnpm } from "./pnpm.mjs";
import { Problem } from "./run.mjs";
import { packagesInBuildOrder } from "./workspace.mjs";

/**
 * Packs every package, built before, into an emptied folder.
 * @param {string} folder
 * @returns {Promise<string[]>} the tarballs
 */
export async function packInto(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { directory, manifest } of packagesInBuildOrder()) {
    const { exitCode, output } = await runPnpm(["pack", "--pack-destination", folder], {
      cwd: directory,
    });
    if (exitCode !== 0) throw new Problem(`${manifest.name} could not be packed.`, output);
  }
  return readdirSync(folder).map((file) => join(folder, file));
}
