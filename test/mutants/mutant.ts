import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One small mistake in the source, of the kind that a promise does not survive. */
export interface Mutant {
  /** The promise that it breaks. */
  readonly breaks: string;
  /** Below `packages/`. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Tests that should notice, by parts of their paths. */
  readonly tests: readonly string[];
}

/** Mutants of one file. */
export function mutantsOf(
  file: string,
  tests: readonly string[],
  list: readonly (readonly [breaks: string, find: string, replace: string, ...moreTests: string[]])[],
): Mutant[] {
  return list.map(([breaks, find, replace, ...moreTests]) => ({
    breaks,
    file,
    find,
    replace,
    tests: [...tests, ...moreTests],
  }));
}

/** The source without the mistake. Throws when the place is not there, or not the only one. */
export function readSource(root: string, mutant: Mutant): string {
  const source = readFileSync(join(root, "packages", mutant.file), "utf8");
  const places = source.split(mutant.find).length - 1;
  if (places !== 1) {
    const what = `${mutant.file} has ${places} places that read ${JSON.stringify(mutant.find)}`;
    throw new Error(`${what}: give the mutant that breaks "${mutant.breaks}" its new place in test/mutants/lists.`);
  }
  return source;
}

/** The source with the mistake. */
export function mutate(source: string, { find, replace }: Mutant): string {
  return source.replace(find, () => replace);
}
