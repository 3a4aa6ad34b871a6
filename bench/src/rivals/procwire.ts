import { MessagePackCodec } from "@procwire/codec-msgpack";
import { createStdioChannel, LengthPrefixedFraming, type Channel, type StdioChannelOptions } from "@procwire/transport";
import { rustWorker, workerScript } from "../programs.js";
import type { Command, Rival, Session } from "./contract.js";

export const procwire: Rival = {
  id: "procwire",
  name: "ours",
  what: "@procwire/transport as built, and rust-worker --quiet",
  start: (placed) => open(placed(rustWorker, "--quiet")),
};

export const procwireLogs: Rival = {
  id: "procwire-logs",
  name: "ours, with logs",
  what: "the same, and the worker sends a log notification after each answer, which a handler gets",
  start: async (placed) => {
    const session = await open(placed(rustWorker));
    session.channel.onNotification("log", () => undefined);
    return session;
  },
};

export const procwireMessagePack: Rival = {
  id: "procwire-msgpack",
  name: "ours, MessagePack",
  what: "@procwire/transport with @procwire/codec-msgpack over length-prefixed frames, and rust-worker --quiet",
  start: (placed) =>
    open(placed(rustWorker, "--quiet", "--framing", "length", "--codec", "msgpack"), {
      framing: new LengthPrefixedFraming(),
      codec: new MessagePackCodec(),
    }),
};

export const procwireNodeWorker: Rival = {
  id: "procwire-node-worker",
  name: "ours, Node worker",
  what: "@procwire/transport on both sides: createStdioChannel and serveStdio",
  start: (placed) => open(placed(process.execPath, workerScript("procwire-worker.mjs"))),
};

async function open({ file, args }: Command, options: StdioChannelOptions = {}): Promise<ChannelSession> {
  assertBuilt("@procwire/transport", import.meta.resolve("@procwire/transport"));
  assertBuilt("@procwire/codec-msgpack", import.meta.resolve("@procwire/codec-msgpack"));
  return new ChannelSession(await createStdioChannel(file, { ...options, args }));
}

/** What users install is measured, not the sources that the tests run. */
function assertBuilt(name: string, resolved: string): void {
  if (resolved.endsWith("/dist/index.js")) return;
  throw new Error(`${name} is ${resolved}, not its built form: run without --conditions`);
}

class ChannelSession implements Session {
  readonly channel: Channel;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  add(a: number, b: number): Promise<number> {
    return this.channel.request("add", { a, b });
  }

  echo(text: string): Promise<string> {
    return this.channel.request("echo", { message: text });
  }

  sum(numbers: readonly number[]): Promise<number> {
    return this.channel.request("sum_array", { numbers });
  }

  close(): Promise<void> {
    return this.channel.close();
  }
}
