// The mutants themselves are run by a command of their own (npm run mutants); here they are kept from rotting.

import { expect, test } from "vitest";
import { root } from "../support/paths.js";
import { mutate, readSource } from "./mutant.js";
import { mutants } from "./mutants.js";

test.each(mutants.map((mutant) => [mutant.file, mutant.breaks, mutant] as const))(
  "the mistake in %s that breaks '%s' can still be made, in one place",
  (_file, _breaks, mutant) => {
    const source = readSource(root, mutant);
    expect(mutate(source, mutant)).not.toBe(source);
  },
);

test("no mistake is listed twice", () => {
  const places = mutants.map(({ file, find, replace }) => [file, find, replace].join("\n"));
  expect(new Set(places).size).toBe(places.length);
});
