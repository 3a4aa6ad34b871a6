// npm run faults:rivals: set up, then run the fault kit on several clients and write what it saw to docs/faults.md.
//
//   npm run faults:rivals -- ours exit    these clients or faults again; the rest stays as the last run left it

import { join } from "node:path";

import { main, runNode } from "./lib/run.mjs";
import { commandFile, root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ only: ["node", "dependencies", "packages"] });
  console.log();
  const { exitCode } = await runNode(
    commandFile("tsx"),
    [join(root, "bench", "src", "faults", "main.ts"), ...process.argv.slice(2)],
    { cwd: join(root, "bench"), show: true },
  );
  return exitCode;
});
