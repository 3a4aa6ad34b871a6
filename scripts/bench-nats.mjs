// npm run bench:nats: set up, then measure packages/nats beside NATS's own request and reply; needs npm run nats:install.

import { join } from "node:path";

import { main, run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ only: ["node", "dependencies"] });
  const program = join(root, "packages", "nats", "test", "bench", "main.ts");
  const args = ["--conditions=procwire-source", "--import", "tsx", program];
  const { exitCode } = await run(process.execPath, args, { cwd: root, show: true });
  return exitCode;
});
