import { ChannelError } from "../../errors.js";
import { BusyPoll } from "../streams/busy-poll.js";
import type { ByteReceiver } from "../../link/byte-link.js";
import { OutboxLink } from "../streams/outbox-link.js";
import { startTimer } from "../streams/durations.js";
import { takeStdout, type OwnStdout } from "./own-stdout.js";

/** However little time is left: this long the output may take to leave. */
const MIN_FLUSH_MS = 100;

/** A link over the stdin of this process and its stdout, or what the protocol has in its place. */
export class OwnStdioLink extends OutboxLink {
  readonly #poll: BusyPoll;
  readonly #stdout: OwnStdout;
  readonly #onInputEnd: () => void;
  readonly #graceMs: number;
  /** When everything is to be over, in milliseconds on the clock of `performance.now()`. */
  #endBy: number | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param onInputEnd called once when stdin ends: no more requests will come, answers can still be written
   * @param graceMs how long the end may take, from `expectEnd` or `close` on
   */
  constructor(onInputEnd: () => void, spinUs: number, graceMs: number) {
    const poll = new BusyPoll(spinUs, () => process.ppid);
    const stdout = takeStdout();
    super(stdout, () => {
      poll.written();
    });
    this.#stdout = stdout;
    this.#poll = poll;
    this.#onInputEnd = onInputEnd;
    this.#graceMs = graceMs;
  }

  override start(receiver: ByteReceiver): void {
    this.receiver = receiver;
    process.stdin.on("data", this.#onData).once("end", this.#onEnd).once("error", this.#onInputEnd);
    this.#stdout.on("error", this.#onOutputError);
  }

  /** From now on the time counts. */
  expectEnd(): void {
    this.#endBy ??= performance.now() + this.#graceMs;
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.receiver = undefined;
    this.expectEnd();
    process.stdin.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onInputEnd);
    this.outbox.writeNow();
    await this.#flushed();
    this.outbox.end(new ChannelError("CHANNEL_CLOSED", "The channel is closed."));
    // Stdin is let go, so that it does not keep the process alive.
    process.stdin.destroy();
  }

  /** Resolves when the output has left, the parent is gone, or nobody has read it in time. */
  async #flushed(): Promise<void> {
    const left = Math.max((this.#endBy ?? 0) - performance.now(), MIN_FLUSH_MS);
    await new Promise<void>((resolve) => {
      const stopTimer = startTimer(resolve, left);
      const done = (): void => {
        stopTimer();
        resolve();
      };
      this.outbox.flushed().then(done, done);
    });
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    this.#poll.arrived();
    this.receiver?.data(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  };

  readonly #onEnd = (): void => {
    this.receiver?.inputEnd?.();
    this.#onInputEnd();
  };

  /** Nobody reads the answers any more: the parent is gone. */
  readonly #onOutputError = (error: Error): void => {
    this.end(new ChannelError("CHANNEL_CLOSED", `The parent is gone: ${error.message}`, { cause: error }));
  };
}
