import { count, numberFrom, readOptions, reasonOf, type OptionTable } from "@procwire/transport/extend";
import { ChannelError } from "@procwire/transport";
import { assertReachable, NATS_OPTIONS, openConnection, type NatsOptions } from "../connection.js";
import { DEFAULT_PREFIX } from "../wire/subjects.js";
import { EventLog } from "./event-log.js";

export interface EventsOptions extends NatsOptions {
  /** Milliseconds for which events are kept. Default a day. This and the next two hold for the stream that is made. */
  readonly keepMs?: number | undefined;
  /** So many events are kept; the oldest go first. Default 1,000,000. */
  readonly maxEvents?: number | undefined;
  /** On so many servers of a cluster events are kept. Default 1. */
  readonly replicas?: number | undefined;
}

export const EVENTS_OPTIONS: OptionTable<EventsOptions> = {
  ...NATS_OPTIONS,
  keepMs: numberFrom(100, Number.MAX_SAFE_INTEGER, "milliseconds"),
  maxEvents: count(1),
  replicas: count(1, 5),
};

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Events that are kept (JetStream), to be read from any time or sequence on. Rejects as `createNatsChannel` does. */
export async function openEvents(given: EventsOptions): Promise<EventLog> {
  const options = readOptions("openEvents", given, EVENTS_OPTIONS);
  assertReachable("openEvents", options);
  const { service, prefix = DEFAULT_PREFIX, keepMs = DAY_MS, maxEvents = 1_000_000, replicas = 1 } = options;
  const { connection, isOwn } = await openConnection(options, `procwire events of ${service}`);
  const log = new EventLog(connection, prefix, service, async () => {
    if (isOwn && !connection.isClosed()) await connection.close();
  });
  try {
    await log.ensure({ keepMs, maxEvents, replicas });
  } catch (error) {
    await log.close();
    const text = `openEvents: the server keeps no events: ${reasonOf(error)}. Is JetStream switched on there?`;
    throw new ChannelError("CONNECT_FAILED", text, { cause: error, delivery: "not-sent" });
  }
  return log;
}
