// npm run format: lays out every file the way `npm run lint` expects it.

import { main, Problem, run, runNode, step } from "./lib/run.mjs";
import { commandFile, faultyDirectory, root, rustDirectory, rustParentDirectory } from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ only: ["prerequisites", "dependencies"] });
  await step("prettier", async () => {
    const args = ["--write", "--log-level", "warn", "."];
    const { exitCode, output } = await runNode(commandFile("prettier"), args, { cwd: root });
    if (exitCode !== 0) throw new Problem("prettier could not read every file.", output);
  });
  await step("cargo fmt", async () => {
    for (const cwd of [rustDirectory, faultyDirectory, rustParentDirectory]) {
      const { exitCode, output } = await run("cargo", ["fmt", "--all"], { cwd });
      if (exitCode !== 0) throw new Problem("cargo fmt failed.", output);
    }
  });
});
