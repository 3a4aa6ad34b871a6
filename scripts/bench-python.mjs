// npm run bench:python: set up, then measure the Python worker beside a hand-written loop and the MCP SDK for Python.

import { join } from "node:path";

import { main, run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ only: ["node", "dependencies", "packages"] });
  const program = join(root, "bench", "src", "python", "main.ts");
  const args = ["--import", "tsx", program];
  const { exitCode } = await run(process.execPath, args, { cwd: join(root, "bench"), show: true });
  return exitCode;
});
