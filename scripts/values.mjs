// npm run values: set up, then write docs/values.md by what becomes of values on their way to workers and back.

import { join } from "node:path";

import { main, run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

await main(async () => {
  await setup({ only: stepsForTests });
  console.log();
  const program = join(root, "test", "values", "main.ts");
  const args = ["--conditions=procwire-source", "--import", "tsx", program];
  const { exitCode } = await run(process.execPath, args, { cwd: root, show: true });
  return exitCode;
});
