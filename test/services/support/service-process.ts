import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { fixture, typescript } from "../../support/paths.js";

/** A process that listens when it is told to, and tells how that went. */
export class ServiceProcess {
  readonly #child = spawn(process.execPath, typescript(fixture("service.ts")), { stdio: ["pipe", "pipe", "inherit"] });
  readonly #lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  readonly ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it answers: `{ listening }` or `{ error }`. */
  async tell(command: object): Promise<Told> {
    this.say(command);
    return this.hear();
  }

  say(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  async hear(): Promise<Told> {
    const { value } = (await this.#lines.next()) as { readonly value?: string };
    if (value === undefined) throw new Error("the service's process has ended");
    return JSON.parse(value) as Told;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}

export interface Told {
  readonly listening?: unknown;
  readonly error?: string;
  readonly code?: string;
  readonly closed?: true;
}

/** Ready for commands; killed when the test is over. */
export async function startServiceProcess(): Promise<ServiceProcess> {
  const service = new ServiceProcess();
  onTestFinished(() => service.kill());
  await service.tell({ do: "nothing" });
  return service;
}
