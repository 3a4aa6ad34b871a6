// npm run mutants: set up, then check that the tests notice mistakes. Arguments go to it: npm run mutants -- outbox

import { join } from "node:path";

import { main, run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

await main(async () => {
  await setup({ only: stepsForTests });
  console.log();
  const program = join(root, "test", "mutants", "main.ts");
  const args = ["--conditions=procwire-source", "--import", "tsx", program, ...process.argv.slice(2)];
  const { exitCode } = await run(process.execPath, args, { cwd: root, show: true });
  return exitCode;
});
