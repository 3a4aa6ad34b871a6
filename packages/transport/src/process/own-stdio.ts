import { ChannelError } from "../errors.js";
import { BusyPoll } from "../link/busy-poll.js";
import type { LinkReceiver } from "../link/contract.js";
import type { WriteStream } from "../link/outbox.js";
import { OutboxLink } from "../link/outbox-link.js";

/**
 * A link over the stdin and stdout of this process. From its start on, stdout belongs to the protocol: what the
 * program prints by `console.log` or `process.stdout.write` goes to stderr.
 */
export class OwnStdioLink extends OutboxLink {
  readonly #poll: BusyPoll;
  readonly #onInputEnd: () => void;

  /** @param onInputEnd called once when stdin ends: no more requests will come, answers can still be written */
  constructor(onInputEnd: () => void, spinUs: number) {
    const poll = new BusyPoll(spinUs);
    super(takeStdout(), () => {
      poll.written();
    });
    this.#poll = poll;
    this.#onInputEnd = onInputEnd;
  }

  override start(receiver: LinkReceiver): void {
    this.receiver = receiver;
    process.stdin.on("data", this.#onData).once("end", this.#onInputEnd).once("error", this.#onInputEnd);
    process.stdout.on("error", this.#onOutputError);
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

let taken: WriteStream | undefined;

/** The real stdout, for the protocol; everybody else's writes are sent to stderr from now on. */
function takeStdout(): WriteStream {
  if (taken !== undefined) throw new Error("This process already serves a channel on its stdio.");
  const stdout = process.stdout;
  taken = {
    write: stdout.write.bind(stdout),
    cork: stdout.cork.bind(stdout),
    uncork: stdout.uncork.bind(stdout),
  };
  const toStderr = process.stderr.write.bind(process.stderr);
  stdout.write = (...args: unknown[]) => Reflect.apply(toStderr, undefined, args) as boolean;
  return taken;
}
