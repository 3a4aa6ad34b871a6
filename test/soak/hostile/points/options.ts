// Getters of option objects.

import { MessagePackCodec } from "@procwire/codec-msgpack";
import { JsonCodec, LengthPrefixedFraming, LineDelimitedFraming } from "@procwire/transport";
import { HostileError } from "../behaviours.js";
import type { Act, HostileOptions, OpenScene, Point, Side } from "../contract.js";
import { hangUp, talk } from "./layers.js";
import { A_PROMISE_IN_A_VALUE } from "./values.js";

/** Each option that all channels have, with what it is where the look-up goes well. */
const COMMON: Readonly<Record<string, unknown>> = {
  framing: undefined,
  codec: undefined,
  protocol: undefined,
  timeout: undefined,
  warnAfterMs: undefined,
  sendCancel: undefined,
  limits: undefined,
  whenFull: undefined,
  notificationOverflow: undefined,
  interceptors: undefined,
  handlerInterceptors: undefined,
  onNoise: undefined,
  onError: undefined,
};

const LIMITS = [
  "maxMessageBytes",
  "maxDepth",
  "maxHeldBytes",
  "maxInFlight",
  "maxQueuedBytes",
  "maxBatchSize",
  "streamWindow",
  "maxNoiseBytesPerMinute",
  "stderrTailBytes",
  "maxEarlyNotifications",
  "maxQueuedNotifications",
];

/** The same object with a getter. */
function withGetter<Bag extends object>(bag: Bag, member: string, act: Act): Bag {
  const normal: unknown = Reflect.get(bag, member);
  return Object.defineProperty(bag, member, { enumerable: true, configurable: true, get: () => act(normal) });
}

function ofChannel(type: string, side: Side, names: readonly string[]): Point[] {
  return names.map((member) => ({
    name: `${type}.${member}`,
    covers: [`${type}.${member}`],
    sides: [side],
    isPart: true,
    mayEnd: true,
    except: A_PROMISE_IN_A_VALUE,
    options: (act, given) => withGetter(given, member, act),
    play: talk,
  }));
}

function inside(
  type: string,
  option: string,
  sides: readonly Side[],
  names: readonly string[],
  play: Point["play"] = talk,
): Point[] {
  return names.map((member) => ({
    name: `${type}.${member}`,
    covers: [`${type}.${member}`],
    sides,
    isPart: true,
    mayEnd: true,
    except: A_PROMISE_IN_A_VALUE,
    options: (act, given) => ({
      [option]: withGetter({ ...(Reflect.get(given, option) as object | undefined) }, member, act),
    }),
    play,
  }));
}

const CALL_OPTIONS = ["timeout", "signal", "onProgress", "input", "idempotent", "key", "priority"] as const;

/** Options of requests, for each way to make one. */
function ofCalls(member: (typeof CALL_OPTIONS)[number]): Point {
  return {
    name: `RequestOptions.${member}`,
    covers: [`RequestOptions.${member}`, ...(member === "input" ? [] : [`BatchOptions.${member}`])],
    mayRefuse: true,
    except: A_PROMISE_IN_A_VALUE,
    play: ({ act, channel, book, abort }) => {
      const normal = {
        timeout: book.timeout,
        signal: abort.signal,
        onProgress: () => undefined,
        input: [1, 2],
        idempotent: true,
        key: "k",
        priority: 1,
      };
      const options = (): object => withGetter({ timeout: book.timeout, [member]: normal[member] }, member, act);
      return Promise.all([
        book.watch("request sum", () => channel.request("sum", {}, options())),
        book.watch("stream count", async () => {
          for await (const _ of channel.stream("count", { to: 2 }, options()));
        }),
        book.watch("batch", async () =>
          member === "input" ? [] : channel.batch([{ method: "add", params: { a: 1, b: 2 } }], options()),
        ),
      ]);
    },
  };
}

/** A signal that is none of the platform's: whatever has its shape is taken for one. */
function signalLike(member: string): Point {
  return {
    name: `signal-like.${member}`,
    covers: [],
    returnsNothing: true,
    except: A_PROMISE_IN_A_VALUE,
    play: ({ act, channel, book, abort }: OpenScene) => {
      const signal = new Proxy(abort.signal, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== "function") return name === member ? act(value) : value;
          return (...args: unknown[]) => {
            const result: unknown = Reflect.apply(value, target, args);
            return name === member ? act(result) : result;
          };
        },
      });
      const outcomes = [
        book.request(channel, "add", { a: 1, b: 2 }, { signal }),
        book.request(channel, "never", {}, { signal, input: [1] }),
        book.stream(channel, "ticks", {}, { signal }),
        book.batch(channel, [{ method: "add", params: { a: 1, b: 2 } }, { method: "fail" }], { signal }),
      ];
      setTimeout(() => abort.abort(new HostileError("aborted")), 3);
      return Promise.all(outcomes);
    },
  };
}

const batchCalls: readonly Point[] = (["method", "params", "notify"] as const).map((member) => ({
  name: `BatchCall.${member}`,
  covers: [`BatchCall.${member}`],
  mayRefuse: true,
  except: A_PROMISE_IN_A_VALUE,
  play: ({ act, channel, book }) => {
    const call = { method: "add", params: { a: 1, b: 2 }, notify: false };
    return book.batch(channel, [{ method: "fail" }, withGetter(call, member, act), { method: "heard", notify: true }]);
  },
}));

/** Looked up when the codec is made, by the user's own call; what is left of it works in a channel. */
const codecOptions: readonly Point[] = [
  ...["maxDepth", "lossy", "bigIntegers", "decodeText"].map((member) => ({
    name: `JsonCodecOptions.${member}`,
    covers: [`JsonCodecOptions.${member}`],
    codecs: ["json"] as const,
    isPart: true,
    mayEnd: true,
    except: A_PROMISE_IN_A_VALUE,
    options: (act: Act): HostileOptions => ({
      framing: new LineDelimitedFraming(),
      codec: new JsonCodec(withGetter({}, member, act)),
    }),
    play: talk,
  })),
  {
    name: "JsonCodecOptions.decodeText()",
    covers: ["JsonCodecOptions.decodeText()"],
    codecs: ["json"],
    except: A_PROMISE_IN_A_VALUE,
    isPart: true,
    mayEnd: true,
    options: (act) => ({
      codec: new JsonCodec({ decodeText: (bytes) => act(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) }),
    }),
    play: talk,
  },
  {
    name: "MessagePackCodecOptions.maxDepth",
    covers: ["MessagePackCodecOptions.maxDepth"],
    codecs: ["msgpack"],
    isPart: true,
    mayEnd: true,
    except: A_PROMISE_IN_A_VALUE,
    options: (act) => ({
      framing: new LengthPrefixedFraming(),
      codec: new MessagePackCodec(withGetter({}, "maxDepth", act)),
    }),
    play: talk,
  },
];

export const options: readonly Point[] = [
  ...ofChannel("CreateChannelOptions", "memory", [
    ...Object.keys(COMMON),
    "link",
    "readable",
    "writable",
    "answersUnreadable",
  ]),
  ...ofChannel("StdioChannelOptions", "parent", [
    ...Object.keys(COMMON),
    ...[
      "signal",
      "stderr",
      "shutdown",
      "spinUs",
      "args",
      "cwd",
      "env",
      "extendEnv",
      "answerPipe",
      "guard",
      "restart",
      "heartbeat",
      "breaker",
    ],
  ]),
  ...ofChannel("ServeStdioOptions", "worker", [
    ...Object.keys(COMMON),
    "graceMs",
    "watchParent",
    "logHandlerErrors",
    "spinUs",
  ]),
  ...inside("Limits", "limits", ["memory"], LIMITS),
  ...inside("ShutdownOptions", "shutdown", ["parent"], ["notify", "graceMs", "termMs"], hangUp),
  ...inside("RestartOptions", "restart", ["parent"], ["maxRestarts", "withinMs", "minDelayMs", "maxDelayMs"]),
  ...inside("HeartbeatOptions", "heartbeat", ["parent"], ["intervalMs", "timeoutMs", "misses"]),
  ...inside("BreakerOptions", "breaker", ["parent"], ["failures", "coolDownMs"]),
  ...CALL_OPTIONS.map(ofCalls),
  ...["reason", "addEventListener", "removeEventListener"].map(signalLike),
  ...batchCalls,
  ...codecOptions,
];
