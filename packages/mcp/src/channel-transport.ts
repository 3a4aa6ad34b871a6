import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import {
  createStdioChannel,
  mcp,
  type Channel,
  type ChannelError,
  type StdioChannelOptions,
} from "@procwire/transport";
import { Relay } from "@procwire/transport/extend";

/** `ConnectionClosed` of the SDK. */
const LOST = -32000;

/**
 * A transport for the clients of the MCP SDK over a channel with the dialect `mcp`. A request that the channel can't bring
 * an answer for rejects with an `McpError` -32000 that says why; its `data` has the code, the exit code and the end of
 * stderr. Where the channel has `restart`, each new server is greeted as the first was.
 */
export class ChannelTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  readonly #open: (onError: (error: unknown) => void) => Promise<Channel>;
  #channel: Channel | undefined;
  #relay: Relay | undefined;
  #isStarted = false;
  #isClosing = false;

  /** @param open opens the channel, when the client connects; `onError` is for the channel's option of that name */
  constructor(open: (onError: (error: unknown) => void) => Promise<Channel>) {
    this.#open = open;
  }

  /** The channel beneath: its `stats`, `health`, events and `pid`; `undefined` before the client has connected. */
  get channel(): Channel | undefined {
    return this.#channel;
  }

  /** Called by the client's `connect`. Rejects as `open` does. */
  async start(): Promise<void> {
    if (this.#isStarted) throw new Error("This transport was started before. Make a new one for each connection.");
    this.#isStarted = true;
    const channel = await this.#open(this.#report);
    this.#channel = channel;
    if (this.#isClosing) return channel.close();
    this.#relay = new Relay(channel, {
      dialect: mcp,
      lostCode: LOST,
      repeatsHello: true,
      onMessage: (message) => {
        this.#hand(message as JSONRPCMessage);
      },
      onError: this.#report,
      onEnd: (cause) => {
        queueMicrotask(() => {
          this.#end(cause);
        });
      },
    });
  }

  /**
   * The SDK handles notifications a microtask after it was given them, and answers at once: the progress that arrives
   * with an answer would come too late. So an answer waits for a microtask.
   */
  #hand(message: JSONRPCMessage): void {
    if ("method" in message) {
      this.onmessage?.(message);
      return;
    }
    queueMicrotask(() => {
      this.#guard(() => this.onmessage?.(message));
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#relay === undefined) throw new Error("Not connected: call connect() of the client first.");
    await this.#relay.take(message);
  }

  /** Ends the server step by step, with all that it has started. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#channel?.close();
  }

  /** Why it ended is told before that it did. */
  #end(cause: ChannelError): void {
    if (!this.#isClosing) this.#report(cause);
    this.#guard(() => this.onclose?.());
  }

  readonly #report = (error: unknown): void => {
    const { onerror } = this;
    if (onerror === undefined) console.error("procwire:", error);
    else this.#guard(() => onerror(error instanceof Error ? error : new Error(String(error))));
  };

  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      console.error("procwire:", error);
    }
  }
}

/**
 * A transport that starts a server when the client connects, as `createStdioChannel` does. Without `onError` what that
 * would get goes to the client's `onerror`.
 */
export function createStdioTransport(command: string | URL, options: StdioChannelOptions = {}): ChannelTransport {
  return new ChannelTransport((onError) => createStdioChannel(command, { onError, ...options, dialect: mcp }));
}
