// npm run tarballs: the packages as files under tarballs/, for `npm install` in another project.

import { join } from "node:path";

import { main, step } from "./lib/run.mjs";
import { packInto } from "./lib/tarballs.mjs";
import { root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ only: ["prerequisites", "dependencies", "packages"] });
  const tarballs = await step("packing", () => packInto(join(root, "tarballs")));
  console.log(`\n${tarballs.join("\n")}`);
});
