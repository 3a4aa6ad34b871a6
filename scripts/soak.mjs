// npm run soak: set up, then run one of the long tests. Arguments go to it: npm run soak -- kills --count 500

import { join } from "node:path";

import { main, run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

await main(async () => {
  await setup({ only: stepsForTests });
  console.log();
  // Against the sources, as the tests are. Memory is measured after collections that are asked for.
  const program = join(root, "test", "soak", "main.ts");
  const args = ["--expose-gc", "--conditions=procwire-source", "--import", "tsx", program, ...process.argv.slice(2)];
  const { exitCode } = await run(process.execPath, args, { cwd: root, show: true });
  return exitCode;
});
