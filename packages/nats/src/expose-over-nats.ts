import type { Channel, ChannelOptions } from "@procwire/transport";
import {
  CHANNEL_OPTIONS,
  count,
  MAX_TIMER_MS,
  numberFrom,
  readOptions,
  refuse,
  string,
  type Check,
  type OptionTable,
} from "@procwire/transport/extend";
import { assertReachable, NATS_OPTIONS, openConnection, type NatsOptions } from "./connection.js";
import { stackOf } from "./create-nats-channel.js";
import { Exposure, type Exposed } from "./member/exposure.js";
import { semanticVersion } from "./service-name.js";

export interface ExposeOptions
  extends NatsOptions, Pick<ChannelOptions, "codec" | "protocol" | "limits" | "handlerInterceptors" | "onError"> {
  /** Of the service, as the services API tells it. Default `"0.0.0"`. */
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  /** More to tell by the services API. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** So many requests run at once, those included that wait in a pool; more are refused with `OVERLOADED`. Default 4,096. */
  readonly maxInFlight?: number | undefined;
  /** Milliseconds that `close()` waits for what is running. Default 30,000. */
  readonly drainMs?: number | undefined;
  /** Milliseconds after which a caller that waits is asked whether it lives. Default 1,000. */
  readonly pingMs?: number | undefined;
}

const texts: Check<Readonly<Record<string, string>>> = (value, place) => {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isRecord && Object.values(value).every((text) => typeof text === "string")) return { ...value };
  return refuse(TypeError, value, place, "an object of strings");
};

const { codec, protocol, limits, handlerInterceptors, onError } = CHANNEL_OPTIONS;

export const EXPOSE_OPTIONS: OptionTable<ExposeOptions> = {
  ...{ codec, protocol, limits, handlerInterceptors, onError },
  ...NATS_OPTIONS,
  version: semanticVersion,
  description: string,
  metadata: texts,
  maxInFlight: count(1),
  drainMs: numberFrom(0, MAX_TIMER_MS, "milliseconds"),
  pingMs: numberFrom(10, MAX_TIMER_MS, "milliseconds"),
};

/**
 * Offers a channel, or a pool, to callers on other machines, as one member of a service. Resolves when requests can come.
 *
 * Rejects with `CONNECT_FAILED` when no server can be reached, with a `TypeError` or a `RangeError` for bad options.
 */
export async function exposeOverNats(target: Channel, given: ExposeOptions): Promise<Exposed> {
  assertChannel(target);
  const options = readOptions("exposeOverNats", given, EXPOSE_OPTIONS);
  assertReachable("exposeOverNats", options);
  const stack = stackOf(options);
  const opened = await openConnection(options, `procwire member of ${options.service}`);
  const exposure = new Exposure({ ...options, target, stack, opened });
  try {
    await exposure.start();
  } catch (error) {
    await exposure.close();
    throw error;
  }
  return exposure;
}

function assertChannel(target: unknown): asserts target is Channel {
  const { request, stream, onNotification } = (target ?? {}) as Partial<Record<keyof Channel, unknown>>;
  if ([request, stream, onNotification].every((member) => typeof member === "function")) return;
  refuse(TypeError, target, { where: "exposeOverNats", name: "the first argument" }, "a channel or a pool");
}
