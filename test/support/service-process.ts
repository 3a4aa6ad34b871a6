import { spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fixture, rustExample, typescript } from "./paths.js";

export type Language = "TypeScript" | "Rust";

const PROGRAMS: Readonly<Record<Language, readonly [string, readonly string[]]>> = {
  TypeScript: [process.execPath, typescript(fixture("service.ts"))],
  Rust: [rustExample("peer"), []],
};

/** A process that listens when it is told to, and tells how that went. The one in Rust connects and calls, too. */
export class ServiceProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly ended: Promise<void>;

  constructor(language: Language = "TypeScript") {
    const [program, args] = PROGRAMS[language];
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => this.#child.once("exit", () => resolve()));
  }

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
  readonly result?: unknown;
}
