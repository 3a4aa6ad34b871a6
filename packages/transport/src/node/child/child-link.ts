import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { ChannelError } from "../../errors.js";
import { BusyPoll } from "../streams/busy-poll.js";
import type { ByteReceiver } from "../../link/byte-link.js";
import { OutboxLink } from "../streams/outbox-link.js";
import type { Shutdown } from "./shutdown.js";
import type { StartedWorker, WorkerProcess } from "./worker-process.js";
import type { StderrReader } from "./stderr.js";
import { lastWords } from "./last-words.js";
import { waitForExit } from "./wait-for-exit.js";
import { WorkerOutput } from "./worker-output.js";

/** After the exit, output that is still in the pipe is read until nothing arrives for this long. */
const DRAIN_QUIET_MS = 40;
/** And at most for this long: all that the worker itself has written is there to be read, so what comes later is not its. */
const DRAIN_MS = 400;
/** More than any pipe holds, in bytes: with this much read the worker's own last words have been heard in any case. */
const DRAIN_BYTES = 1024 * 1024;
/**
 * A worker that closed one of its pipes is about to exit, or broken: this long it may take to show which, where it is
 * not given less to exit when it is told to. Whoever waits for an answer would rather hear the exit code than nothing
 * but that a pipe has closed, and some programs take their time between the two.
 */
const BROKEN_PIPE_MS = 1_000;
/** What follows a SIGKILL takes the kernel this long at the very most. */
const KILL_MS = 500;

/** The pipes of a child are sockets, which can let the process go; streams of another kind can't. */
type Refable = Partial<Pick<Socket, "ref" | "unref">>;

/** A link over the stdin and stdout of a child process, and the pipe for answers where it takes that. It ends when the process does. */
export class ChildLink extends OutboxLink {
  readonly #child: WorkerProcess;
  readonly #stderr: StderrReader;
  readonly #output: WorkerOutput;
  readonly #kill: StartedWorker["kill"];
  readonly #shutdown: Pick<Shutdown, "graceMs" | "termMs">;
  readonly #poll: BusyPoll;
  #dataSeen = 0;
  #drainEnd = Infinity;
  #drainedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** @param spinUs how long to poll for an answer before the event loop sleeps, in microseconds */
  constructor(
    { child, answers, kill }: StartedWorker,
    stderr: StderrReader,
    shutdown: Pick<Shutdown, "graceMs" | "termMs">,
    spinUs: number,
  ) {
    const poll = new BusyPoll(spinUs, () => child.pid);
    super(child.stdin, () => {
      poll.written();
      this.receiver?.wrote?.();
    });
    this.#poll = poll;
    this.#child = child;
    this.#kill = kill;
    this.#stderr = stderr;
    this.#shutdown = shutdown;
    this.#output = new WorkerOutput(child.stdout, answers, {
      data: this.#onData,
      noise: (line) => this.receiver?.noise?.(line),
      ended: () => {
        if (!this.#hasExited()) this.#expectExit("closed its stdout");
      },
    });
  }

  override start(receiver: ByteReceiver): void {
    this.receiver = receiver;
    receiver.wrote?.();
    this.#output.start();
    this.#child.stdin.on("error", this.#onStdinError);
    this.#child.once("exit", this.#onExit);
    if (this.#hasExited()) this.#onExit();
  }

  unref(): void {
    this.#child.unref?.();
    for (const stream of this.#streams() as Refable[]) stream.unref?.();
  }

  ref(): void {
    this.#child.ref?.();
    for (const stream of this.#streams() as Refable[]) stream.ref?.();
  }

  /** Ask, end stdin, SIGTERM, SIGKILL; then lets go of everything. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.receiver = undefined;
    clearTimeout(this.#timer);
    const { graceMs, termMs } = this.#shutdown;
    if (!this.#hasExited()) {
      this.outbox.writeNow();
      this.#child.stdin.end();
      // Its output must go on being read, or it could not finish writing and exit.
      for (const stream of this.#output.streams) stream.resume();
      if (!(await waitForExit(this.#child, graceMs))) this.#kill("SIGTERM");
      if (!(await waitForExit(this.#child, termMs))) this.#kill("SIGKILL");
      await waitForExit(this.#child, KILL_MS);
    }
    this.#release();
  }

  #release(): void {
    this.outbox.end(new ChannelError("CHANNEL_CLOSED", "The channel is closed."));
    this.#child.off("exit", this.#onExit);
    this.#output.release();
    // A grandchild may hold the other ends for ever; ours are not kept for it.
    for (const stream of this.#streams()) stream.off("close", this.#onClosed).destroy();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#dataSeen += 1;
    this.#poll.arrived();
    this.receiver?.data(chunk);
    if (this.#drainEnd !== Infinity) this.#drained(chunk.length);
  };

  /** Who prints faster than it is read leaves no time for a timer. */
  #drained(bytes: number): void {
    this.#drainedBytes += bytes;
    if (this.#drainedBytes >= DRAIN_BYTES && this.#isDrainTimeUp()) this.end(this.#exitError());
  }

  #isDrainTimeUp(): boolean {
    return performance.now() >= this.#drainEnd;
  }

  readonly #onStdinError = (error: Error): void => {
    if (!this.#hasExited()) this.#expectExit(`does not read its stdin any more (${error.message})`);
  };

  /** The link is broken, and the process lives: in a moment its exit will explain it, or else it is ended for that. */
  #expectExit(what: string): void {
    if (this.receiver === undefined || this.#timer !== undefined) return;
    this.#gone();
    const milliseconds = Math.min(this.#shutdown.graceMs, BROKEN_PIPE_MS);
    this.#timer = setTimeout(() => {
      const text = `The worker ${what}, and did not exit within ${milliseconds} ms.`;
      if (!this.#hasExited()) this.end(new ChannelError("CHANNEL_CLOSED", text));
    }, milliseconds);
  }

  /** Whatever would be said from now on would be said to nobody. */
  #gone(): void {
    this.outbox.gone();
    this.receiver?.gone?.();
  }

  readonly #onExit = (): void => {
    clearTimeout(this.#timer);
    this.#gone();
    this.#output.settle();
    for (const stream of this.#streams()) stream.on("close", this.#onClosed);
    this.#drainEnd = performance.now() + DRAIN_MS;
    this.#drain(-1);
  };

  readonly #onClosed = (): void => {
    if (this.#hasSaidAll()) this.end(this.#exitError());
  };

  /**
   * Reads what the worker wrote before it exited, so that a last answer is not lost, and then ends the link: when its
   * pipes have ended, or nothing has come for a while, since others may hold them open, and print to them without end.
   */
  #drain(seenBefore: number): void {
    const seen = this.#dataSeen;
    if (seen === seenBefore || this.#isDrainTimeUp() || this.#hasSaidAll()) this.end(this.#exitError());
    if (this.receiver === undefined) return;
    // Timers run before input is read: after a busy spell there may be input that only had no chance yet.
    const again = (): void =>
      void setImmediate(() => {
        this.#drain(seen);
      });
    this.#timer = setTimeout(again, DRAIN_QUIET_MS);
  }

  #streams(): (Readable | Writable)[] {
    return [this.#child.stdin, ...this.#output.streams, this.#child.stderr];
  }

  #hasSaidAll(): boolean {
    return this.#output.hasEnded && this.#child.stderr.readableEnded;
  }

  #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #exitError(): ChannelError {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode === null ? `exited with code ${exitCode}` : `was ended by ${signalCode}`;
    const stderr = this.#stderr.tail();
    const words = lastWords(stderr);
    const message = `The worker ${how}${words === "" ? "" : ` (on stderr: ${words})`}.`;
    return new ChannelError("WORKER_EXITED", message, { exitCode, signal: signalCode, stderr });
  }
}
