// npm run bench: set up, then run the benchmark. Arguments go to it: npm run bench -- --help

import { join } from "node:path";

import { main, runNode } from "./lib/run.mjs";
import { commandFile, root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup();
  console.log();
  const { exitCode } = await runNode(
    commandFile("tsx"),
    [join(root, "bench", "src", "main.ts"), ...process.argv.slice(2)],
    { cwd: join(root, "bench"), show: true },
  );
  return exitCode;
});
