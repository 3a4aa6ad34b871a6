import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { openJobs } from "../src/index.js";
import { bundleOf } from "../../../test/support/paths.js";
import { newService } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

const program = fileURLToPath(new URL("fixtures/job-worker.ts", import.meta.url));
const JOBS = 500;

describeWithServer("jobs whose workers are killed", (server) => {
  test("are all done at least once, and have one outcome each", { timeout: 120_000 }, async () => {
    const service = newService();
    const workers: ChildProcess[] = [];
    const start = async (): Promise<void> => {
      const worker = fork(bundleOf(program), [server().url, service]);
      workers.push(worker);
      await once(worker, "message");
    };
    onTestFinished(() => {
      for (const worker of workers) worker.kill("SIGKILL");
    });
    const jobs = await openJobs({ service, servers: server().url, nats: { reconnectTimeWait: 50 } });
    onTestFinished(() => jobs.close());
    await Promise.all([start(), start()]);
    const ids = Array.from({ length: JOBS }, (_, n) => `job-${n}`);
    await Promise.all(ids.map((id, n) => jobs.submit("square", { n }, { id })));
    workers.shift()?.kill("SIGKILL");
    await start();
    const results = await Promise.all(ids.map((id) => jobs.result<number>(id, { timeout: 100_000 })));
    expect(results).toEqual(ids.map((_, n) => n * n));
    expect(await jobs.counts()).toMatchObject({ results: JOBS, dead: 0 });
  });
});
