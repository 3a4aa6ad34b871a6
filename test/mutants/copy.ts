import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "../support/paths.js";

/** What the tests of the sources read. */
const COPIED = ["packages", "test", "package.json", "tsconfig.json", "tsconfig.base.json", "vitest.config.ts"];
/** Large, and not changed by a mutant. */
const LINKED = ["node_modules", "rust-worker", join("test", "fixtures", "faulty-rust", "target")];
const LEFT_OUT = new Set(["dist", "target"]);

/** A copy of the tree in which sources can be changed. The links inside of it lead to the copy's own packages. */
export function copyTree(): { readonly folder: string; remove(): void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "procwire-mutants-")));
  for (const name of COPIED) {
    const filter = (path: string): boolean => !LEFT_OUT.has(basename(path));
    cpSync(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true, filter });
  }
  for (const name of LINKED) {
    if (!existsSync(join(root, name))) throw new Error(`${name} is missing: npm run mutants builds it`);
    symlinkSync(realpathSync(join(root, name)), join(folder, name));
  }
  assertOwnPackages(folder);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A link to the original would leave every mutant untested. */
function assertOwnPackages(folder: string): void {
  const scope = join(folder, "test", "node_modules", "@procwire");
  for (const name of readdirSync(scope)) {
    const target = realpathSync(join(scope, name));
    if (!target.startsWith(folder)) throw new Error(`${name} is linked to ${target}, which is not the copy`);
  }
}
