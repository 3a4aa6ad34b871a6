import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createChannel, createMemoryByteLinks, type Channel, type CreateChannelOptions } from "@procwire/transport";
import { Events, openChannel } from "@procwire/transport/extend";
import { onTestFinished } from "vitest";
import { findNatsServer, startNatsServer } from "../../../../scripts/lib/nats-server.mjs";
import { Asides } from "../../src/caller/asides.js";
import { CallerLink } from "../../src/caller/caller-link.js";
import { NatsChannel } from "../../src/caller/nats-channel.js";
import { createRoutedWire } from "../../src/caller/routed-wire.js";
import { stackOf } from "../../src/create-nats-channel.js";
import { Exposure } from "../../src/member/exposure.js";
import { Subjects } from "../../src/wire/subjects.js";
import { newService } from "./members.js";

type Options = Omit<CreateChannelOptions, "link" | "readable" | "writable">;

/** A connection to a server of its own; `undefined` where there is no nats-server. */
export async function connectOnce(): Promise<{ connection: NatsConnection; close: () => Promise<void> } | undefined> {
  if (findNatsServer() === undefined) return undefined;
  const server = await startNatsServer();
  const connection = await connect({ servers: server.url });
  return {
    connection,
    close: async () => {
      await connection.close();
      await server.remove();
    },
  };
}

/**
 * A caller, and the worker behind a member: each other's other side, with all that is between them over NATS. Over one
 * connection for both, so that nothing has to be waited for before the first message.
 */
export function openPairOverNats(
  connection: NatsConnection,
  { framing: _framing, ...left }: Options,
  right: Options,
): { readonly left: Channel; readonly right: Channel } {
  const service = newService();
  const [here, there] = createMemoryByteLinks();
  const { codec, framing } = right;
  const target = createChannel({ codec, framing, onError: () => undefined, link: here });
  const worker = createChannel({ answersUnreadable: true, ...right, link: there });
  const stack = stackOf({ ...left });
  const quiet = stackOf({ codec: left.codec, onError: () => undefined });
  const exposure = new Exposure({ service, target, stack: quiet, opened: { connection, isOwn: false }, drainMs: 0 });
  exposure.open();
  const caller = openCaller(connection, service, stack);
  onTestFinished(async () => {
    await caller.close();
    await exposure.close();
    await Promise.all([target.close(), worker.close()]);
  });
  return { left: caller, right: worker };
}

function openCaller(connection: NatsConnection, service: string, stack: ReturnType<typeof stackOf>): NatsChannel {
  const asides = new Asides();
  const wire = createRoutedWire(stack.wire, stack.dialect, asides);
  const link = new CallerLink({
    ...{ connection, service, wire, inboxPrefix: undefined, pingMs: 1_000, claimMs: 5_000 },
    subjects: new Subjects("rpc", service),
    maxMessageBytes: stack.limits.maxMessageBytes,
    maxHeldBytes: stack.limits.maxHeldBytes,
    memberOf: () => undefined,
    onError: stack.onError,
  });
  const bare = { ...stack, wire, requestInterceptor: undefined, tracer: undefined };
  return new NatsChannel({
    inner: openChannel(bare, link, {}),
    ...{ stack, asides, breaker: undefined, events: new Events(stack.onError) },
    directory: () => undefined,
    restoredAt: () => -Infinity,
    release: () => Promise.resolve(),
  });
}
