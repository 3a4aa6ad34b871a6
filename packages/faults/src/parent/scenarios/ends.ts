import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { FRAMINGS } from "../../../programs/worker/framing.mjs";
import { endGroup, isAlive, waitUntil } from "../../processes.js";
import { programFile } from "../../programs.js";
import type { Scenario, Trial } from "../scenario.js";
import { Worker } from "../worker.js";

const GONE = "is gone in time";

/** Ways in which a parent leaves. */
export const ends: readonly Scenario[] = [
  {
    name: "ends-at-once",
    what: "closes the worker's stdin before it says anything",
    must: GONE,
    run: async (trial) => {
      const worker = new Worker(trial.target);
      worker.endStdin();
      // Its start counts as well.
      const took = await worker.waitUntilGone(trial.target.patienceMs);
      if (took === undefined) trial.fail(`still there ${trial.target.patienceMs} ms after its start`);
      else trial.note(`${worker.ending ?? "gone"} ${Math.round(took)} ms after its start`);
    },
  },
  {
    name: "ends-in-a-frame",
    what: "closes the worker's stdin in the middle of a frame",
    must: GONE,
    run: (trial) =>
      trial.withWorker(async (worker) => {
        await worker.writeAll(halfRequest(trial));
        worker.endStdin();
        await trial.expectGone(worker, "the end of its stdin");
      }),
  },
  {
    name: "ends-after-requests",
    what: "makes 100 requests and closes the worker's stdin at once",
    must: GONE,
    run: (trial) =>
      trial.withWorker(async (worker) => {
        for (let made = 0; made < 100; made++) worker.ask(`last ${made}`);
        worker.endStdin();
        await trial.expectGone(worker, "the end of its stdin");
        const answered = worker.answers().filter(({ id }) => String(id).startsWith("last ")).length;
        trial.note(`answered ${answered} of 100`);
      }),
  },
  {
    name: "closes-stdout",
    what: "closes its end of the worker's stdout, makes 100 requests and closes its stdin",
    must: GONE,
    run: (trial) =>
      trial.withWorker(async (worker) => {
        worker.closeStdout();
        for (let made = 0; made < 100; made++) worker.ask(`unheard ${made}`);
        worker.endStdin();
        await trial.expectGone(worker, "the end of its stdin");
      }),
  },
  {
    name: "terminates",
    what: "sends the worker SIGTERM",
    must: GONE,
    run: (trial) =>
      trial.withWorker(async (worker) => {
        worker.kill("SIGTERM");
        await trial.expectGone(worker, "SIGTERM");
      }),
  },
  {
    name: "dies",
    what: "is killed (SIGKILL) while the worker has nothing to do",
    must: GONE,
    run: (trial) => killParent(trial, Buffer.alloc(0)),
  },
  {
    name: "dies-in-a-frame",
    what: "is killed (SIGKILL) in the middle of a frame",
    must: GONE,
    run: (trial) => killParent(trial, halfRequest(trial)),
  },
];

function request(trial: Trial): Buffer {
  const { framing, method, params } = trial.target;
  return FRAMINGS[framing].frame(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })));
}

function halfRequest(trial: Trial): Buffer {
  const whole = request(trial);
  return whole.subarray(0, whole.length - 10);
}

/** Another process starts the worker, has it answer once, says something more, and is killed. */
async function killParent(trial: Trial, more: Buffer): Promise<void> {
  const { command, args, cwd, env, patienceMs, goneWithinMs } = trial.target;
  const order = { command, args, cwd, first: request(trial).toString("hex"), more: more.toString("hex") };
  const parent = spawn(process.execPath, [programFile("doomed-parent.mjs"), JSON.stringify(order)], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const told: string[] = [];
  createInterface({ input: parent.stdout }).on("line", (line) => told.push(line));
  await waitUntil(() => told.length > 1 || parent.exitCode !== null, patienceMs);
  const worker = Number(told[0]);
  const exited = parent.exitCode === null ? once(parent, "exit") : Promise.resolve();
  parent.kill("SIGKILL");
  await exited;
  const since = performance.now();
  if (told.length < 2) trial.fail(`does not answer its first request within ${patienceMs} ms`);
  else if (await waitUntil(() => !isAlive(worker), goneWithinMs)) {
    trial.note(`gone ${Math.round(performance.now() - since)} ms after its parent`);
  } else trial.fail(`still there ${goneWithinMs} ms after its parent`);
  if (worker > 0 && isAlive(worker)) endGroup(worker);
}
