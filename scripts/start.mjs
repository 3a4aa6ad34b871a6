// npm start: set up, then let the Node example drive the Rust worker. Arguments go to the example.

import { join } from "node:path";

import { main, runNode } from "./lib/run.mjs";
import { commandFile, root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  const args = process.argv.slice(2);
  await setup({ verbose: args.includes("--verbose") });
  console.log();
  const { exitCode } = await runNode(
    commandFile("tsx"),
    ["src/parent.ts", ...args.filter((arg) => arg !== "--verbose")],
    { cwd: join(root, "examples", "rust-worker"), show: true },
  );
  return exitCode;
});
