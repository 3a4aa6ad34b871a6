import { ChannelError } from "../errors.js";
import { BusyPoll } from "../link/busy-poll.js";
import type { LinkReceiver } from "../link/contract.js";
import { OutboxLink } from "../link/outbox-link.js";
import { takeStdout, type OwnStdout } from "./own-stdout.js";

/** A link over the stdin of this process and its stdout, or what the protocol has in its place. */
export class OwnStdioLink extends OutboxLink {
  readonly #poll: BusyPoll;
  readonly #stdout: OwnStdout;
  readonly #onInputEnd: () => void;

  /** @param onInputEnd called once when stdin ends: no more requests will come, answers can still be written */
  constructor(onInputEnd: () => void, spinUs: number) {
    const poll = new BusyPoll(spinUs);
    const stdout = takeStdout();
    super(stdout, () => {
      poll.written();
    });
    this.#stdout = stdout;
    this.#poll = poll;
    this.#onInputEnd = onInputEnd;
  }

  override start(receiver: LinkReceiver): void {
    this.receiver = receiver;
    process.stdin.on("data", this.#onData).once("end", this.#onInputEnd).once("error", this.#onInputEnd);
    this.#stdout.on("error", this.#onOutputError);
  }

  override async close(): Promise<void> {
    this.receiver = undefined;
    process.stdin.off("data", this.#onData).off("end", this.#onInputEnd).off("error", this.#onInputEnd);
    this.outbox.writeNow();
    await this.outbox.flushed().catch(() => undefined);
    this.outbox.end(new ChannelError("CHANNEL_CLOSED", "The channel is closed."));
    // Stdin is let go, so that it does not keep the process alive.
    process.stdin.destroy();
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    this.#poll.arrived();
    this.receiver?.data(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  };

  /** Nobody reads the answers any more: the parent is gone. */
  readonly #onOutputError = (error: Error): void => {
    this.end(new ChannelError("CHANNEL_CLOSED", `The parent is gone: ${error.message}`, { cause: error }));
  };
}
