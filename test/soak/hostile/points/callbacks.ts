// Functions that are told something: what they return is nobody's affair.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { HostileError } from "../behaviours.js";
import type { OpenScene, Point } from "../contract.js";

const THROWING = ["throws", "throws-undefined", "throws-proxy", "closes-and-throws"];

/** A notification handler that fails is told to `onError`. */
function provokeError({ channel, book, disposers }: OpenScene): unknown {
  disposers.push(
    channel.onNotification("event", () => {
      throw new Error("told to onError");
    }),
  );
  return book.request(channel, "tell");
}

/** What Node's subscribers throw goes to the process, by Node's own decision. */
const subscribers: readonly Point[] = ["start", "end", "asyncStart", "asyncEnd", "error"].map((event) => ({
  name: `diagnostics/${event}`,
  covers: [],
  returnsNothing: true,
  except: { behaviours: THROWING, because: "Node hands what a subscriber throws to the process" },
  play: ({ act, channel, book, cleanUps }) => {
    const name = `tracing:procwire:request:${event}`;
    const listener = (): void => void act(0);
    subscribe(name, listener);
    cleanUps.push(() => unsubscribe(name, listener));
    return Promise.all([
      book.request(channel, "add", { a: 1, b: 2 }),
      book.request(channel, "fail"),
      book.stream(channel, "count", { to: 2 }),
      book.notify(channel, "heard", {}),
      book.batch(channel, [{ method: "add", params: { a: 1, b: 2 } }, { method: "fail" }]),
    ]);
  },
}));

/** A signal with a listener of somebody else's, before ours or after them. */
const foreignListeners: readonly Point[] = (["before", "after"] as const).map((when) => ({
  name: `signal/foreign listener ${when} ours`,
  covers: ["AbortSignal"],
  returnsNothing: true,
  except: { behaviours: THROWING, because: "what a listener of an EventTarget throws goes to the process" },
  play: ({ act, channel, book }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const listen = (): void => signal.addEventListener("abort", () => void act(0), { once: true });
    if (when === "before") listen();
    const outcomes = [
      book.request(channel, "never", {}, { signal }),
      book.request(channel, "sum", {}, { signal, input: [1, 2] }),
      book.stream(channel, "ticks", {}, { signal }),
      book.batch(channel, [{ method: "never" }, { method: "never" }], { signal }),
    ];
    if (when === "after") listen();
    controller.abort(new HostileError("aborted"));
    return Promise.all(outcomes);
  },
}));

export const callbacks: readonly Point[] = [
  {
    name: "onError",
    covers: ["CreateChannelOptions.onError()"],
    returnsNothing: true,
    options: (act) => ({ onError: () => void act(0) }),
    play: provokeError,
  },
  {
    name: "onError, what it returns",
    covers: [],
    options: (act) => ({ onError: () => act(undefined) }),
    play: provokeError,
  },
  {
    name: "onError of something that can't be looked at",
    covers: [],
    options: () => ({ onError: undefined }),
    play: ({ act, channel, book, disposers }) => {
      disposers.push(channel.onNotification("event", () => act(0)));
      return book.request(channel, "tell");
    },
  },
  {
    name: "onNoise",
    covers: ["CreateChannelOptions.onNoise()"],
    sides: ["memory", "parent"],
    codecs: ["json"],
    options: (act) => ({ onNoise: () => act(undefined) }),
    play: ({ channel, book }) => book.request(channel, "print"),
  },
  {
    name: "onProgress of a request",
    covers: ["RequestOptions.onProgress()"],
    play: ({ act, channel, book }) => book.request(channel, "report", {}, { onProgress: () => act(undefined) }),
  },
  {
    name: "onProgress of a batch",
    covers: ["BatchOptions.onProgress"],
    play: ({ act, channel, book }) =>
      book.batch(channel, [{ method: "report" }, { method: "add", params: { a: 1, b: 2 } }], {
        onProgress: () => act(undefined),
      }),
  },
  {
    name: "stderr",
    covers: ["StdioChannelOptions.stderr()"],
    sides: ["parent"],
    options: (act) => ({ stderr: () => act(undefined) }),
    play: ({ channel, book }) => book.request(channel, "complain"),
  },
  {
    name: "onEvent",
    covers: ["ChannelEventHandler()"],
    sides: ["parent"],
    // Opens at once, and closes with the next call: another worker would take its time to start.
    options: () => ({ breaker: { failures: 1, coolDownMs: 1 } }),
    play: async ({ act, channel, book, disposers }) => {
      disposers.push(channel.onEvent(() => act(undefined)));
      await book.request(channel, "never", {}, { timeout: 20 });
      await new Promise((resolve) => setTimeout(resolve, 5));
      await book.request(channel, "add", { a: 1, b: 2 });
    },
  },
  {
    name: "signal of the channel",
    covers: ["StdioChannelOptions.signal"],
    returnsNothing: true,
    mayEnd: true,
    sides: ["parent"],
    except: { behaviours: THROWING, because: "what a listener of an EventTarget throws goes to the process" },
    options: (act) => {
      const controller = new AbortController();
      controller.signal.addEventListener("abort", () => void act(0), { once: true });
      setTimeout(() => controller.abort(new Error("aborted")), 150);
      return { signal: controller.signal };
    },
    play: ({ channel, book }) => book.request(channel, "never"),
  },
  ...subscribers,
  ...foreignListeners,
];
