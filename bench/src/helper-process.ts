import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LapAnswer, LapRequest } from "./helper.js";
import { placedOn, type CpuPair } from "./pinning.js";
import type { Rival } from "./rivals/contract.js";

const HELPER = fileURLToPath(new URL("helper.ts", import.meta.url));
/** What a lap may take beyond its time: starting a worker, and the last calls. */
const PATIENCE_MS = 60_000;

/** One rival's parent process, started when its first lap is asked for. Failed once, it stays so. */
export class HelperProcess {
  readonly #rival: Rival;
  readonly #cpus: CpuPair | undefined;
  #child: ChildProcess | undefined;
  #failure: string | undefined;

  constructor(rival: Rival, cpus: CpuPair | undefined) {
    this.#rival = rival;
    this.#cpus = cpus;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  async lap(request: LapRequest): Promise<LapAnswer> {
    if (this.#failure !== undefined) return { failure: this.#failure };
    this.#child ??= this.#start();
    const reply = await ask(this.#child, request);
    if ("failure" in reply) this.stop(reply.failure);
    return reply;
  }

  stop(failure = "stopped"): void {
    this.#failure = failure;
    if (this.#child?.connected === true) this.#child.disconnect();
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const { file, args } = placedOn(this.#cpus?.parent).command(process.execPath, ...process.execArgv);
    const cpuOfWorker = this.#cpus === undefined ? [] : [String(this.#cpus.worker)];
    return fork(HELPER, [this.#rival.id, ...cpuOfWorker], {
      execPath: file,
      execArgv: [...args],
      // The warnings of a rival's library would go between the lines of the tables; its workers inherit this.
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
  }
}

/** Sends one request, and waits for the answer, the end of the process, or the end of patience. */
function ask(child: ChildProcess, request: LapRequest): Promise<LapAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: LapAnswer): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      resolve(answer);
    };
    const onMessage = (message: unknown): void => settle(message as LapAnswer);
    const onExit = (code: number | null, signal: string | null): void =>
      settle({ failure: `its parent process ended by ${signal ?? `exit code ${code}`}` });
    const timer = setTimeout(() => {
      settle({ failure: "no end of the lap in sight" });
      child.kill("SIGKILL");
    }, request.milliseconds + PATIENCE_MS);
    child.on("message", onMessage).on("exit", onExit);
    child.send(request);
  });
}
