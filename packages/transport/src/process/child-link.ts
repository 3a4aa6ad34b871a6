import type { Socket } from "node:net";
import { ChannelError } from "../errors.js";
import { BusyPoll } from "../link/busy-poll.js";
import type { LinkReceiver } from "../link/contract.js";
import { OutboxLink } from "../link/outbox-link.js";
import type { WorkerProcess } from "./spawn-worker.js";
import type { StderrReader } from "./stderr.js";
import { waitForExit } from "./wait-for-exit.js";

/** After the exit, output that is still in the pipe is read until nothing arrives for this long. */
const DRAIN_QUIET_MS = 40;
/** A worker that closed one of its pipes is about to exit, or broken: this long it may take to show which. */
const BROKEN_PIPE_MS = 250;
/** What follows a SIGKILL takes the kernel this long at the very most. */
const KILL_MS = 500;

/** How a worker is ended by `close()`, step by step; each step is skipped when the worker has exited. */
export interface ShutdownOptions {
  /** The notification that asks it to end; false for none. Default `"shutdown"`. */
  readonly notify?: string | false;
  /** Milliseconds from the end of its stdin to SIGTERM. Default 2000. */
  readonly graceMs?: number;
  /** Milliseconds from SIGTERM to SIGKILL. Default 2000. */
  readonly termMs?: number;
}

/** A link over the stdin and stdout of a child process. It ends when the process does. */
export class ChildLink extends OutboxLink {
  readonly #child: WorkerProcess;
  readonly #stderr: StderrReader;
  readonly #shutdown: ShutdownOptions;
  readonly #poll: BusyPoll;
  #dataSeen = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** @param spinUs how long to poll for an answer before the event loop sleeps, in microseconds */
  constructor(child: WorkerProcess, stderr: StderrReader, shutdown: ShutdownOptions, spinUs: number) {
    const poll = new BusyPoll(spinUs);
    super(child.stdin, () => {
      poll.written();
    });
    this.#poll = poll;
    this.#child = child;
    this.#stderr = stderr;
    this.#shutdown = shutdown;
  }

  override start(receiver: LinkReceiver): void {
    this.receiver = receiver;
    const { stdin, stdout } = this.#child;
    stdout.on("data", this.#onData).on("end", this.#onStdoutEnd).on("close", this.#onStdoutEnd);
    // Errors of the pipes come with the end of the process; without a listener they would end ours.
    stdout.on("error", this.#onStdoutEnd);
    stdin.on("error", this.#onStdinError);
    this.#child.once("exit", this.#onExit);
    if (this.#hasExited()) this.#onExit();
  }

  unref(): void {
    this.#child.unref?.();
    for (const stream of this.#sockets()) stream.unref?.();
  }

  ref(): void {
    this.#child.ref?.();
    for (const stream of this.#sockets()) stream.ref?.();
  }

  /** Ask, end stdin, SIGTERM, SIGKILL; then lets go of everything. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.receiver = undefined;
    clearTimeout(this.#timer);
    const { graceMs = 2_000, termMs = 2_000 } = this.#shutdown;
    if (!this.#hasExited()) {
      this.outbox.writeNow();
      this.#child.stdin.end();
      // Its output must go on being read, or it could not finish writing and exit.
      this.#child.stdout.resume();
      if (!(await waitForExit(this.#child, graceMs))) this.#child.kill("SIGTERM");
      if (!(await waitForExit(this.#child, termMs))) this.#child.kill("SIGKILL");
      await waitForExit(this.#child, KILL_MS);
    }
    this.#release();
  }

  #release(): void {
    const { stdin, stdout, stderr } = this.#child;
    this.outbox.end(new ChannelError("CHANNEL_CLOSED", "The channel is closed."));
    this.#child.off("exit", this.#onExit);
    stdout.off("data", this.#onData).off("end", this.#onStdoutEnd).off("close", this.#onStdoutEnd);
    // A grandchild may hold the other ends for ever; ours are not kept for it.
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#dataSeen += 1;
    this.#poll.arrived();
    this.receiver?.data(chunk);
  };

  readonly #onStdoutEnd = (): void => {
    if (!this.#hasExited()) this.#expectExit("closed its stdout");
  };

  readonly #onStdinError = (error: Error): void => {
    if (!this.#hasExited()) this.#expectExit(`does not read its stdin any more (${error.message})`);
  };

  /** The link is broken, and the process lives: in a moment its exit will explain it, or else it is ended for that. */
  #expectExit(what: string): void {
    if (this.receiver === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      if (!this.#hasExited()) this.end(new ChannelError("CHANNEL_CLOSED", `The worker ${what} without exiting.`));
    }, BROKEN_PIPE_MS);
  }

  readonly #onExit = (): void => {
    clearTimeout(this.#timer);
    this.#drain(-1);
  };

  /** Reads what the worker wrote before it exited, so that a last answer is not lost, and then ends the link. */
  #drain(seenBefore: number): void {
    const { stdout, stderr } = this.#child;
    if (this.receiver === undefined) return;
    if (this.#dataSeen === seenBefore || (stdout.readableEnded && stderr.readableEnded)) {
      this.end(this.#exitError());
      return;
    }
    const seen = this.#dataSeen;
    const again = (): void => {
      stdout.off("close", again);
      stderr.off("close", again);
      clearTimeout(this.#timer);
      // Timers run before input is read: after a busy spell there may be input that only had no chance yet.
      setImmediate(() => {
        this.#drain(seen);
      });
    };
    this.#timer = setTimeout(again, DRAIN_QUIET_MS);
    stdout.once("close", again);
    stderr.once("close", again);
  }

  /** The pipes of a child are sockets, which can let the process go; streams of another kind can't. */
  #sockets(): Partial<Pick<Socket, "ref" | "unref">>[] {
    const { stdin, stdout, stderr } = this.#child;
    return [stdin, stdout, stderr] as Partial<Socket>[];
  }

  #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #exitError(): ChannelError {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode === null ? `exited with code ${exitCode}` : `was ended by ${signalCode}`;
    const stderr = this.#stderr.tail();
    const lastLine = stderr.trimEnd().split("\n").at(-1) ?? "";
    const message = `The worker ${how}${lastLine === "" ? "" : ` (last line on stderr: ${lastLine.slice(0, 300)})`}.`;
    return new ChannelError("WORKER_EXITED", message, { exitCode, signal: signalCode, stderr });
  }
}
