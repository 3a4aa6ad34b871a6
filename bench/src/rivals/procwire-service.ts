import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectChannel, type ServiceTargetOptions } from "@procwire/transport";
import { workerScript } from "../programs.js";
import { endChild, startChild } from "./child.js";
import type { Placement, Rival } from "./contract.js";
import { ChannelSession } from "./procwire.js";

const JSON_CALLS = ["add", "text", "document", "sum", "notify", "stream"] as const;

export const procwireSocket: Rival = {
  id: "procwire-socket",
  name: "ours, local socket",
  what: "connectChannel and listen over a Unix socket: beside the Node worker, the same over pipes",
  can: JSON_CALLS,
  isVariant: true,
  start: (placement) => open(placement, { path: join(tmpdir(), `procwire-bench-${randomBytes(4).toString("hex")}`) }),
};

export const procwireTcp: Rival = {
  id: "procwire-tcp",
  name: "ours, TCP",
  what: "connectChannel and listen over TCP on 127.0.0.1, with a token",
  can: JSON_CALLS,
  isVariant: true,
  start: (placement) => open(placement, { port: 0, token: randomBytes(32).toString("base64url") }),
};

async function open(placement: Placement, options: ServiceTargetOptions): Promise<ChannelSession> {
  const script = workerScript("procwire-service.mjs");
  const child = await startChild(placement.command(process.execPath, script, JSON.stringify(options)));
  const [told] = (await once(child.stdout, "data")) as [Buffer];
  const address = JSON.parse(told.toString()) as ServiceTargetOptions;
  const target = options.token === undefined ? address : { ...address, token: options.token };
  const channel = await connectChannel(target);
  return new ServiceSession(channel, { items: (_channel, count) => channel.stream("count", { to: count }) }, () =>
    endChild(child),
  );
}

/** Ends the service with the channel. */
class ServiceSession extends ChannelSession {
  readonly #end: () => Promise<void>;

  constructor(...[channel, options, end]: [...ConstructorParameters<typeof ChannelSession>, () => Promise<void>]) {
    super(channel, options);
    this.#end = end;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#end();
  }
}
