// npm run peers: set up, run the tests with published peers, and write the README's table of them and docs/peers.json.

import { join } from "node:path";

import { main, run, runNode } from "./lib/run.mjs";
import { cacheDirectory, commandFile, root } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

await main(async () => {
  await setup({ only: stepsForTests });
  const report = join(cacheDirectory, "peers.json");
  const args = ["run", "test/interop", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // What fails is in the table, and fails nothing here.
  await runNode(commandFile("vitest"), args, { cwd: root, show: true });
  const program = join(root, "test", "interop", "table", "main.ts");
  const { exitCode } = await run(process.execPath, ["--import", "tsx", program, report], { cwd: root, show: true });
  return exitCode;
});
