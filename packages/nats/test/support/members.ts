import { createChannel, createMemoryLinks, type Channel } from "@procwire/transport";
import { onTestFinished } from "vitest";
import {
  createNatsChannel,
  exposeOverNats,
  type ExposeOptions,
  type NatsChannel,
  type NatsChannelOptions,
} from "../../src/index.js";
import type { Exposed } from "../../src/member/exposure.js";

let services = 0;

/** A name that no other test uses. */
export function newService(): string {
  services += 1;
  return `service-${process.pid}-${services}`;
}

export interface Member {
  readonly exposed: Exposed;
  /** What the worker serves, from the worker's side. */
  readonly worker: Channel;
  /** The channel that is exposed. */
  readonly target: Channel;
}

/** A member whose worker is in this process; it leaves when the test is over. */
export async function startMember(
  options: ExposeOptions,
  serve: (worker: Channel) => void = serveUsual,
  parts: Parameters<typeof createChannel>[0] = {},
): Promise<Member> {
  const [here, there] = createMemoryLinks();
  const target = createChannel({ ...parts, link: here });
  const worker = createChannel({ ...parts, link: there, answersUnreadable: true });
  serve(worker);
  const exposed = await exposeOverNats(target, { drainMs: 1_000, ...options });
  onTestFinished(async () => {
    await exposed.close();
    await Promise.all([target.close(), worker.close()]);
  });
  return { exposed, worker, target };
}

export async function openCaller(options: NatsChannelOptions): Promise<NatsChannel> {
  const channel = await createNatsChannel(options);
  onTestFinished(async () => {
    await channel.close();
  });
  return channel;
}

function serveUsual(worker: Channel): void {
  worker.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b);
  worker.onRequest("echo", ({ value }: { value: unknown }) => value);
}
