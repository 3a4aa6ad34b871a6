import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { FrameReader, FRAMINGS } from "../programs/worker/framing.mjs";
import { endGroup, waitUntil } from "../src/processes.js";
import type { WorkerCommand, WorkerOptions } from "../src/index.js";
import { workerCommand } from "../src/index.js";

export const badWorker: string = fileURLToPath(new URL("fixtures/bad-worker.mjs", import.meta.url));

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A worker as its parent sees it. */
export class Seen {
  readonly frames: string[] = [];
  readonly pid: number;
  out = Buffer.alloc(0);
  err = "";
  exit: number | NodeJS.Signals | undefined;
  hasEndedStdout = false;
  readonly #child;
  readonly #framing;

  constructor({ command, args }: WorkerCommand, framing: keyof typeof FRAMINGS = "line") {
    this.#framing = FRAMINGS[framing];
    this.#child = spawn(command, args, { detached: true });
    this.pid = this.#child.pid!;
    const reader = new FrameReader(this.#framing);
    this.#child.stdout.on("data", (chunk: Buffer) => {
      if (this.out.length < 1_000_000) this.out = Buffer.concat([this.out, chunk]);
      this.frames.push(...reader.push(chunk).map(String));
    });
    this.#child.stdout.on("end", () => (this.hasEndedStdout = true));
    this.#child.stderr.on("data", (chunk: Buffer) => (this.err += chunk.toString()));
    this.#child.stdin.on("error", () => undefined);
    this.#child.on("exit", (code, signal) => (this.exit = code ?? signal ?? undefined));
    onTestFinished(() => endGroup(this.pid));
  }

  request(id: unknown, method = "any", params: unknown = { a: 1 }): void {
    this.#child.stdin.write(this.#framing.frame(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, method, params }))));
  }

  /** Everything it answered with this id. */
  answers(id: unknown): Answer[] {
    return this.frames.flatMap((text) => {
      if (!text.includes('"id":')) return [];
      try {
        const message = JSON.parse(text) as Answer;
        return message.id === id ? [message] : [];
      } catch {
        return [];
      }
    });
  }

  get writable(): number {
    return this.#child.stdin.writableLength;
  }

  endStdin(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    if (await waitUntil(condition, 10_000)) return;
    throw new Error(
      `${what}: ${JSON.stringify({ exit: this.exit, out: this.out.toString().slice(0, 500), err: this.err })}`,
    );
  }
}

export function start(faults: string | readonly string[], options: WorkerOptions = {}): Seen {
  return new Seen(workerCommand(faults, options), options.framing);
}
