import { MessagePackCodec } from "@procwire/codec-msgpack";
import {
  createStdioChannel,
  LengthPrefixedFraming,
  type Channel,
  type RequestOptions,
  type StdioChannelOptions,
} from "@procwire/transport";
import { rustWorker, workerScript } from "../programs.js";
import type { Command, EchoValue, Rival, Session } from "./contract.js";

const BINARY = ["--framing", "length", "--codec", "msgpack"];
const JSON_CALLS = ["add", "text", "document", "sum", "notify", "stream", "start"] as const;

export const procwire: Rival = {
  id: "procwire",
  name: "ours",
  what: "@procwire/transport as built, and rust-worker --quiet",
  can: JSON_CALLS,
  start: (placement) => open(placement.command(rustWorker, "--quiet")),
};

export const procwireTimeout: Rival = {
  id: "procwire-timeout",
  name: "ours, with timeout",
  what: "the same, and each request has a timeout of 10 s",
  can: ["add"],
  isVariant: true,
  start: (placement) => open(placement.command(rustWorker, "--quiet"), {}, { perRequest: { timeout: 10_000 } }),
};

export const procwireSignal: Rival = {
  id: "procwire-signal",
  name: "ours, with signal",
  what: "the same, and each request has an AbortSignal, one for all",
  can: ["add"],
  isVariant: true,
  start: (placement) =>
    open(placement.command(rustWorker, "--quiet"), {}, { perRequest: { signal: new AbortController().signal } }),
};

export const procwireLogs: Rival = {
  id: "procwire-logs",
  name: "ours, with logs",
  what: "the same, and the worker sends a log notification after each answer, which a handler gets",
  can: ["add"],
  isVariant: true,
  start: async (placement) => {
    const session = await open(placement.command(rustWorker));
    session.channel.onNotification("log", () => undefined);
    return session;
  },
};

export const procwireMessagePack: Rival = {
  id: "procwire-msgpack",
  name: "ours, MessagePack",
  what: "@procwire/transport with @procwire/codec-msgpack over length-prefixed frames, and rust-worker --quiet",
  can: [...JSON_CALLS, "bytes", "typed", "sum-typed"],
  start: (placement) => openBinary(placement.command(rustWorker, "--quiet", ...BINARY)),
};

export const procwireNodeWorker: Rival = {
  id: "procwire-node-worker",
  name: "ours, Node worker",
  what: "@procwire/transport on both sides: createStdioChannel and serveStdio",
  can: JSON_CALLS,
  start: (placement) =>
    open(
      placement.command(process.execPath, workerScript("procwire-worker.mjs")),
      {},
      {
        items: (channel, count) => channel.stream("count", { to: count }),
      },
    ),
};

type ItemsOf = (count: number) => AsyncIterable<unknown>;

interface SessionOptions {
  readonly perRequest?: RequestOptions;
  readonly items?: (channel: Channel, count: number) => AsyncIterable<unknown>;
}

/** A channel to our Rust worker that carries typed arrays. */
export function openBinary(command: Command): Promise<ChannelSession> {
  return open(command, { framing: new LengthPrefixedFraming(), codec: new MessagePackCodec() });
}

export async function open(
  { file, args }: Command,
  options: StdioChannelOptions = {},
  session: SessionOptions = {},
): Promise<ChannelSession> {
  assertBuilt("@procwire/transport", import.meta.resolve("@procwire/transport"));
  assertBuilt("@procwire/codec-msgpack", import.meta.resolve("@procwire/codec-msgpack"));
  return new ChannelSession(await createStdioChannel(file, { ...options, args }), session);
}

/** What users install is measured, not the sources that the tests run. */
function assertBuilt(name: string, resolved: string): void {
  if (resolved.endsWith("/dist/index.js")) return;
  throw new Error(`${name} is ${resolved}, not its built form: run without --conditions`);
}

export class ChannelSession implements Session {
  readonly channel: Channel;
  readonly #perRequest: RequestOptions | undefined;
  readonly #itemsOf: ItemsOf;

  constructor(channel: Channel, { perRequest, items = primes }: SessionOptions) {
    this.channel = channel;
    this.#perRequest = perRequest;
    this.#itemsOf = (count) => items(channel, count);
  }

  add(a: number, b: number): Promise<number> {
    return this.channel.request("add", { a, b }, this.#perRequest);
  }

  echo<Value extends EchoValue>(value: Value): Promise<Value> {
    return this.channel.request("echo", { message: value });
  }

  sum(numbers: readonly number[] | Float64Array): Promise<number> {
    return this.channel.request("sum_array", { numbers });
  }

  notify(number: number): Promise<void> {
    return this.channel.notify("note", { number });
  }

  items(count: number): AsyncIterable<unknown> {
    return this.#itemsOf(count);
  }

  close(): Promise<void> {
    return this.channel.close();
  }
}

/** What our Rust worker can stream. */
function primes(channel: Channel, count: number): AsyncIterable<unknown> {
  return channel.stream("primes", { from: 0, to: lastOfPrimes(count) });
}

/** The largest of the first so many primes. */
function lastOfPrimes(count: number): number {
  const known = new Map([
    [100_000, 1_299_709],
    [1_000_000, 15_485_863],
  ]);
  const last = known.get(count);
  if (last === undefined) throw new Error(`who knows the ${count}th prime?`);
  return last;
}
