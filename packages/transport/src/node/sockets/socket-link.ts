import type { Socket } from "node:net";
import { ChannelError } from "../../errors.js";
import type { ByteReceiver } from "../../link/byte-link.js";
import { BusyPoll } from "../streams/busy-poll.js";
import { startTimer } from "../streams/durations.js";
import { OutboxLink } from "../streams/outbox-link.js";

/** How long the output may take to leave, and the other side to close, when the link is closed. */
const CLOSE_MS = 2_000;

/** A link over a connected socket, local or of TCP, with TLS or without. It ends when either side ends its stream. */
export class SocketLink extends OutboxLink {
  readonly #socket: Socket;
  readonly #other: string;
  readonly #poll: BusyPoll;
  #closing: Promise<void> | undefined;

  /**
   * @param socket connected, and paused where something has been read
   * @param other who is at the other end, for messages
   * @param spinUs how long to poll for an answer before the event loop sleeps, in microseconds
   */
  constructor(socket: Socket, other: string, spinUs: number) {
    const poll = new BusyPoll(spinUs);
    super(socket, () => {
      poll.written();
    });
    this.#poll = poll;
    this.#socket = socket;
    this.#other = other;
    // A socket without a listener for errors would end the process.
    socket.on("error", this.#onError);
  }

  override start(receiver: ByteReceiver): void {
    this.receiver = receiver;
    const socket = this.#socket.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onEnd);
    if (socket.destroyed || socket.readableEnded) process.nextTick(this.#onEnd);
    socket.resume();
  }

  unref(): void {
    this.#socket.unref();
  }

  ref(): void {
    this.#socket.ref();
  }

  /** Ends the link at once, whatever is still to be written. */
  cut(): void {
    this.#socket.destroy();
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const socket = this.#socket;
    this.receiver = undefined;
    this.outbox.writeNow();
    socket.off("data", this.#onData).off("end", this.#onEnd);
    // What still arrives is read and dropped: unread, it would make the system throw away what is on its way out.
    socket.resume();
    if (!socket.destroyed) await endWithin(socket, CLOSE_MS);
    this.outbox.end(new ChannelError("CHANNEL_CLOSED", "The channel is closed."));
    socket.off("close", this.#onEnd).destroy();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#poll.arrived();
    this.receiver?.data(chunk);
  };

  readonly #onEnd = (): void => {
    this.end(new ChannelError("CHANNEL_CLOSED", `The connection was closed by ${this.#other}.`));
  };

  readonly #onError = (error: Error): void => {
    this.end(
      new ChannelError("CHANNEL_CLOSED", `The connection to ${this.#other} failed: ${error.message}`, { cause: error }),
    );
  };
}

/** Ends our direction, and waits until the other side has ended its own, or until the time is up. */
function endWithin(socket: Socket, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const stopTimer = startTimer(done, milliseconds);
    socket.once("close", done);
    socket.end();
    function done(): void {
      stopTimer();
      socket.off("close", done);
      resolve();
    }
  });
}
