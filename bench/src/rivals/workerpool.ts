import { workerScript } from "../programs.js";
import type { Rival } from "./contract.js";
import { PoolSession } from "./pool-session.js";

export const workerpool: Rival = {
  id: "workerpool",
  name: "workerpool, one process",
  what: "workerpool 10 with workerType: 'process': Node's IPC below, and a worker gets the next task when it has ended the last",
  can: ["add", "text", "document", "sum", "start"],
  start: async (placement) => {
    const { default: library } = await import("workerpool");
    const { file, args } = placement.command(process.execPath);
    const pool = library.pool(workerScript("workerpool-worker.mjs"), {
      workerType: "process",
      maxWorkers: 1,
      minWorkers: 1,
      forkOpts: { execPath: file, execArgv: [...args] },
    });
    return new PoolSession(
      async (method, params) => (await pool.exec(method, [params])) as never,
      async () => {
        await pool.terminate();
      },
    );
  },
};
