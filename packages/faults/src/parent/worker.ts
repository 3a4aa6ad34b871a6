import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { FrameReader, FRAMINGS } from "../../programs/worker/framing.mjs";
import { endGroup, peakMemory, waitUntil } from "../processes.js";
import type { FullTarget } from "../target.js";

/** A message of the worker: an answer, or something of its own. */
export interface Heard {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown };
}

/** A pipe that takes nothing for so long is left to whatever the worker answers then. */
const WRITE_PATIENCE_MS = 10_000;

type Child = ChildProcessByStdio<Writable, Readable, Readable | null>;

const HELLOS = {
  mcp: {
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "procwire-faults", version: "0.1.0" },
    },
    then: { jsonrpc: "2.0", method: "notifications/initialized" },
  },
  lsp: {
    params: { processId: process.pid, rootUri: null, capabilities: {} },
    then: { jsonrpc: "2.0", method: "initialized", params: {} },
  },
};

/** The worker under test, and all that it has said. */
export class Worker {
  readonly heard: Heard[] = [];
  /** Frames that are no JSON values. */
  readonly noise: string[] = [];
  /** Why it could not be started. */
  failure: string | undefined;
  exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly #target: FullTarget;
  readonly #child: Child;
  #probes = 0;
  #before: number | undefined;
  #peak: number | undefined;

  constructor(target: FullTarget, readsStderr = true) {
    this.#target = target;
    const { command, args, cwd, env } = target;
    const stderr = readsStderr ? target.stderr : "pipe";
    const options = { env, detached: process.platform !== "win32", ...(cwd === undefined ? {} : { cwd }) };
    this.#child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", stderr] }) as Child;
    this.#child.on("error", (error) => (this.failure = error.message));
    this.#child.on("exit", (code, signal) => (this.exit = { code, signal }));
    // A worker that has ended reads nothing; that it has ended is seen by its exit.
    this.#child.stdin.on("error", () => undefined);
    const reader = new FrameReader(FRAMINGS[target.framing]);
    this.#child.stdout.on("data", (chunk: Buffer) => {
      for (const payload of reader.push(chunk)) this.#hear(payload.toString());
    });
    this.#child.stdout.on("error", () => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.exit !== undefined || this.failure !== undefined;
  }

  /** How it ended; `undefined` while it runs. */
  get ending(): string | undefined {
    if (this.failure !== undefined) return `did not start: ${this.failure}`;
    if (this.exit === undefined) return undefined;
    return this.exit.signal === null ? `exited with ${this.exit.code ?? "no code"}` : `ended by ${this.exit.signal}`;
  }

  /** Says hello, and looks at how much memory it has then. False if it does not answer. */
  async greet(): Promise<boolean> {
    if (this.#target.hello !== "none") {
      const { params, then } = HELLOS[this.#target.hello];
      this.say({ jsonrpc: "2.0", id: "hello", method: "initialize", params });
      if (!(await this.waitFor(() => this.answersTo("hello").length > 0))) return false;
      this.say(then);
    }
    const answers = await this.serves();
    if (this.pid !== undefined) this.#before = peakMemory(this.pid);
    return answers;
  }

  /** Bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.#child.stdin.write(bytes);
  }

  /** Resolves when the pipe has taken all of it, or nobody will. */
  async writeAll(bytes: string | Uint8Array): Promise<void> {
    let isTaken = false;
    if (!this.hasEnded) this.#child.stdin.write(bytes, () => (isTaken = true));
    await waitUntil(() => isTaken || this.hasEnded, WRITE_PATIENCE_MS);
  }

  /** Any text in a frame. */
  sayText(text: string | Uint8Array): void {
    this.write(this.frame(text));
  }

  say(message: unknown): void {
    this.sayText(JSON.stringify(message));
  }

  /** A request that it answers, whatever it is. */
  ask(id: unknown, more: object = {}): void {
    const { method, params } = this.#target;
    this.say({ jsonrpc: "2.0", id, method, params, ...more });
  }

  frame(text: string | Uint8Array): Buffer {
    return FRAMINGS[this.#target.framing].frame(Buffer.from(text as Uint8Array));
  }

  /** The answers with exactly this id. */
  answersTo(id: unknown): Heard[] {
    return this.answers().filter((answer) => answer.id === id);
  }

  answers(): Heard[] {
    return this.heard.filter(({ method }) => method === undefined);
  }

  /** False if the condition does not hold in time, or can't any more. */
  async waitFor(condition: () => boolean, milliseconds = this.#target.patienceMs): Promise<boolean> {
    await waitUntil(() => condition() || this.hasEnded, milliseconds);
    // What it said last may come after the news that it has ended.
    if (this.hasEnded) await waitUntil(condition, 100);
    return condition();
  }

  /** Whether one more request is answered. */
  async serves(): Promise<boolean> {
    const id = `probe ${++this.#probes}`;
    this.ask(id);
    return this.waitFor(() => this.answersTo(id).length > 0);
  }

  stopReading(): void {
    this.#child.stdout.pause();
  }

  readAgain(): void {
    this.#child.stdout.resume();
  }

  /** Closes the reading end of its stdout. */
  closeStdout(): void {
    this.#child.stdout.destroy();
  }

  endStdin(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Milliseconds until it is gone; `undefined` if it is not within the time. It is ended then, with its group. */
  async waitUntilGone(milliseconds: number): Promise<number | undefined> {
    const since = performance.now();
    const isGone = await waitUntil(() => this.hasEnded, milliseconds);
    const took = performance.now() - since;
    this.end();
    return isGone ? took : undefined;
  }

  /** Bytes taken at most beyond those after its start; to be asked while it lives. */
  growth(): number | undefined {
    const peak = this.pid === undefined ? undefined : peakMemory(this.pid);
    this.#peak = peak ?? this.#peak;
    return this.#peak === undefined || this.#before === undefined ? undefined : this.#peak - this.#before;
  }

  /** It, and what it has started. */
  end(): void {
    if (this.pid !== undefined) endGroup(this.pid);
    this.#child.stdout.destroy();
    this.#child.stdin.destroy();
    this.#child.stderr?.destroy();
  }

  #hear(text: string): void {
    if (text.trim() === "") return;
    try {
      const value = JSON.parse(text) as unknown;
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      for (const one of values) if (typeof one === "object" && one !== null) this.heard.push(one);
    } catch {
      this.noise.push(text);
    }
  }
}
