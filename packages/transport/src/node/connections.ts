import type { Socket } from "node:net";
import type { Channel } from "../channel/contract/channel.js";
import { isThenable, watch } from "../channel/contract/outcome.js";
import { RpcError } from "../errors.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import type { Served, Serving } from "./serving.js";
import { SocketLink } from "./sockets/socket-link.js";
import { sleep } from "./streams/durations.js";

/** The open connections of a service: each a channel of its own, which shares with the others only the handlers. */
export class Connections {
  readonly #serving: Serving;
  readonly #onConnection: ((channel: Channel) => unknown) | undefined;
  readonly #graceMs: number;
  readonly #open = new Set<Served>();

  constructor(serving: Serving, onConnection: ((channel: Channel) => unknown) | undefined, graceMs: number) {
    this.#serving = serving;
    this.#onConnection = onConnection;
    this.#graceMs = graceMs;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @param socket on which messages can begin */
  add(socket: Socket): void {
    const { stack, spinUs } = this.#serving;
    const link = new SocketLink(socket, "the client", spinUs);
    let served: Served;
    try {
      served = this.#serving.open(link);
    } catch (error) {
      // A layer of the user's has thrown.
      stack.onError(error);
      void link.close();
      return;
    }
    this.#open.add(served);
    void served.channel.closed.then(() => this.#open.delete(served));
    this.#introduce(served.channel);
  }

  #introduce(channel: Channel): void {
    const { onError } = this.#serving.stack;
    try {
      const outcome = this.#onConnection?.(channel);
      if (isThenable(outcome)) void watch(outcome, onError);
    } catch (error) {
      onError(error);
    }
  }

  /** Lets what runs finish within the grace, refuses what comes, and closes all. */
  async close(): Promise<void> {
    const late = sleep(this.#graceMs);
    await Promise.all([...this.#open].map((served) => closeAfter(served, late)));
  }
}

async function closeAfter({ channel, withdraw }: Served, late: Promise<void>): Promise<void> {
  withdraw();
  refuseAll(channel);
  await Promise.race([channel.idle(), late]);
  await channel.close();
}

/** What comes now has not run: whoever asks can ask the next one. */
function refuseAll(channel: Channel): void {
  try {
    channel.onRequest(() => {
      throw new RpcError(JsonRpcErrorCode.busy, "Busy: the service is ending");
    });
  } catch {
    // `onConnection` has given it a handler for all requests, which goes on answering them.
  }
}
