import {
  createStdioChannel,
  lsp,
  type Channel,
  type ChannelError,
  type Dialect,
  type StdioChannelOptions,
} from "@procwire/transport";
import { Relay } from "@procwire/transport/extend";
import type { Message, MessageReader, MessageWriter } from "vscode-jsonrpc";
import { Emitter } from "./emitter.js";

/** `PendingResponseRejected` of vscode-jsonrpc: the connection was lost, or could not do it. */
const LOST = -32097;

export interface MessageTransportsOptions {
  /** The dialect that the channel has. Default `lsp`. */
  readonly dialect?: Dialect | undefined;
}

/** What `createMessageConnection(reader, writer)` takes, and what a `ServerOptions` function of a language client returns. */
export interface MessageTransports {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** The channel beneath: its `closed` says why it ended; its `stats`, `health` and events are there as well. */
  readonly channel: Channel;
}

/**
 * Starts a server, and makes of its channel what vscode-jsonrpc and language clients speak over. Ending or disposing of
 * the connection ends the server, step by step, and the processes that it has started.
 *
 * Rejects as `createStdioChannel` does. Of its options `dialect` is `lsp` where none is given; without `onError` what it
 * would get goes to the connection's `onError`.
 */
export async function openMessageTransports(
  command: string | URL,
  options: StdioChannelOptions = {},
): Promise<MessageTransports> {
  const errors = new Emitter<Error>();
  const dialect = options.dialect ?? lsp;
  const channel = await createStdioChannel(command, { onError: reportTo(errors), ...options, dialect });
  return transportsOver(channel, dialect, errors);
}

/** The same over any channel: a socket's, a pool's, that of a worker to its parent. The connection's end closes it. */
export function createMessageTransports(
  channel: Channel,
  { dialect = lsp }: MessageTransportsOptions = {},
): MessageTransports {
  return transportsOver(channel, dialect, new Emitter<Error>());
}

function transportsOver(channel: Channel, dialect: Dialect, errors: Emitter<Error>): MessageTransports {
  const closes = new Emitter<undefined>();
  let relay: Relay | undefined;
  let callback: ((message: Message) => void) | undefined;
  const onEnd = (_cause?: ChannelError): void => {
    closes.fire(undefined);
  };
  const close = (): void => {
    callback = undefined;
    void channel.close();
  };
  const reader: MessageReader = {
    onError: errors.event,
    onClose: closes.event,
    onPartialMessage: new Emitter<never>().event,
    listen: (listener) => {
      callback = listener;
      relay ??= new Relay(channel, {
        dialect,
        lostCode: LOST,
        repeatsHello: false,
        onMessage: (message) => callback?.(message as Message),
        onError: reportTo(errors),
        onEnd,
      });
      return { dispose: () => (callback = undefined) };
    },
    dispose: () => {
      errors.dispose();
      closes.dispose();
      close();
    },
  };
  return { reader, writer: writerTo(() => relay, closes, close), channel };
}

function writerTo(relay: () => Relay | undefined, closes: Emitter<undefined>, close: () => void): MessageWriter {
  const failures = new Emitter<[Error, Message | undefined, number | undefined]>();
  let failed = 0;
  return {
    onError: failures.event,
    onClose: closes.event,
    write: async (message) => {
      try {
        const to = relay();
        if (to === undefined) throw new TypeError("Call listen() of the connection before anything is sent.");
        await to.take(message);
        failed = 0;
      } catch (error) {
        failed += 1;
        failures.fire([asError(error), message, failed]);
        throw error;
      }
    },
    end: close,
    dispose: () => {
      failures.dispose();
      close();
    },
  };
}

/** Where nobody listens it is printed, as a channel does. */
function reportTo(errors: Emitter<Error>): (error: unknown) => void {
  return (error) => {
    if (errors.isHeard) errors.fire(asError(error));
    else console.error("procwire:", error);
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
