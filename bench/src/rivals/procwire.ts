import { createStdioChannel, type Channel } from "@procwire/transport";
import { rustWorker, workerScript } from "../programs.js";
import type { Placed, Rival, Session } from "./contract.js";

export const procwire: Rival = {
  id: "procwire",
  name: "ours",
  what: "@procwire/transport as built, and rust-worker --quiet",
  start: (placed) => open(placed, rustWorker, "--quiet"),
};

export const procwireLogs: Rival = {
  id: "procwire-logs",
  name: "ours, with logs",
  what: "the same, and the worker sends a log notification after each answer, which a handler gets",
  start: async (placed) => {
    const session = await open(placed, rustWorker);
    session.channel.onNotification("log", () => undefined);
    return session;
  },
};

export const procwireNodeWorker: Rival = {
  id: "procwire-node-worker",
  name: "ours, Node worker",
  what: "@procwire/transport on both sides: createStdioChannel and serveStdio",
  start: (placed) => open(placed, process.execPath, workerScript("procwire-worker.mjs")),
};

async function open(placed: Placed, ...command: readonly [string, ...string[]]): Promise<ChannelSession> {
  assertBuilt(import.meta.resolve("@procwire/transport"));
  const { file, args } = placed(...command);
  return new ChannelSession(await createStdioChannel(file, { args }));
}

/** What users install is measured, not the sources that the tests run. */
function assertBuilt(resolved: string): void {
  if (resolved.endsWith("/dist/index.js")) return;
  throw new Error(`@procwire/transport is ${resolved}, not its built form: run without --conditions`);
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
