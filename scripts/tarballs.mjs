// npm run tarballs: the packages as files under tarballs/, for `npm install` in another project. Needs no Rust.
//
//   npm run tarballs -- FOLDER    into that folder, a new or an empty one

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { main, Problem, step } from "./lib/run.mjs";
import { packInto } from "./lib/tarballs.mjs";
import { root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ only: ["node", "dependencies", "packages"] });
  const named = process.argv[2];
  // npm starts scripts at the root, wherever the user is.
  const chosen = named === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? ".", named);
  if (chosen !== undefined && existsSync(chosen) && readdirSync(chosen).length > 0) {
    throw new Problem(`${chosen} is not empty: name another folder, or empty it.`);
  }
  const tarballs = await step("packing", () => packInto(chosen ?? join(root, "tarballs")));
  console.log(`\n${tarballs.join("\n")}`);
});
