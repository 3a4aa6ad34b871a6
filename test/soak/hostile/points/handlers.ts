// What answers requests and takes notifications.

import type { HandlerInterceptor, RequestContext } from "@procwire/transport";
import type { Ask } from "../calm.js";
import type { OpenScene, Point } from "../contract.js";
import { A_PROMISE_IN_A_VALUE } from "./values.js";

type Handler = (scene: OpenScene, context: RequestContext) => unknown;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function handler(
  name: string,
  kind: Ask["kind"],
  run: Handler,
  covers: readonly string[] = ["RequestHandler()", "RequestHandler"],
): Point {
  return {
    name: `handler/${name}`,
    covers,
    play: (scene) => {
      const { channel, book, disposers } = scene;
      disposers.push(channel.onRequest("hostile", (_params: unknown, context: RequestContext) => run(scene, context)));
      return book.request(channel, "ask", { kind, method: "hostile" });
    },
  };
}

const requestHandlers: readonly Point[] = [
  handler("sync", "request", ({ act }) => act(1)),
  handler("of a batch", "batch", ({ act }) => act(1)),
  handler("async", "request", async ({ act }) => act(1)),
  handler("after await", "request", async ({ act }) => {
    await turn();
    return act(1);
  }),
  handler("cancelled", "cancel", async ({ act }) => {
    await turn();
    return act(1);
  }),
  handler("generator", "stream", async function* ({ act }) {
    yield 1;
    yield act(2);
    return act(3);
  }),
  {
    ...handler("finally of a generator that is left", "leave", async function* ({ act }) {
      try {
        for (;;) yield 1;
      } finally {
        act(0);
      }
    }),
    returnsNothing: true,
  },
  handler("reader of inputs", "input", async ({ act }, { input }) => {
    for await (const item of input) return act(item);
    return 0;
  }),
  {
    returnsNothing: true,
    ...handler("listener of context.signal", "cancel", ({ act }, { signal }) => {
      signal.addEventListener("abort", () => void act(0), { once: true });
      return new Promise(() => undefined);
    }),
    except: {
      behaviours: ["throws", "throws-undefined", "throws-proxy", "closes-and-throws"],
      because: "what a listener of an EventTarget throws goes to the process, whoever dispatches",
    },
  },
  {
    name: "handler/fallback",
    covers: ["AnyRequestHandler()", "AnyRequestHandler"],
    play: ({ act, channel, book, disposers }) => {
      disposers.push(channel.onRequest(() => act(1)));
      return book.request(channel, "ask", { kind: "request", method: "nobody's" });
    },
  },
];

function wrapping(name: string, interceptor: (scene: () => OpenScene["act"]) => HandlerInterceptor): Point {
  return {
    name: `handler interceptor/${name}`,
    covers: [
      "HandlerInterceptor()",
      "HandlerInterceptor",
      "HandlerInterceptor.next.params",
      "CreateChannelOptions.handlerInterceptors",
    ],
    options: (act) => ({ handlerInterceptors: [interceptor(() => act), (call, next) => next(call.params)] }),
    play: ({ channel, book }) =>
      Promise.all([
        book.request(channel, "ask", { kind: "request", method: "echo" }),
        book.request(channel, "ask", { kind: "stream", method: "count" }),
        book.request(channel, "ask", { kind: "input", method: "sum" }),
      ]),
  };
}

const handlerInterceptors: readonly Point[] = [
  {
    ...wrapping("before", (act) => (call, next) => {
      act()(0);
      return next(call.params);
    }),
    returnsNothing: true,
  },
  wrapping("instead", (act) => (call, next) => (call.method === "add" ? next(call.params) : act()(1))),
  wrapping("after", (act) => (call, next) => act()(next(call.params))),
  { ...wrapping("params", (act) => (call, next) => next(act()(call.params))), except: A_PROMISE_IN_A_VALUE },
  wrapping("later", (act) => async (call, next) => {
    await turn();
    return act()(await next(call.params));
  }),
];

const notificationHandlers: readonly Point[] = [
  {
    name: "notification handler/sync",
    covers: ["NotificationHandler()", "NotificationHandler"],
    play: ({ act, channel, book, disposers }) => {
      disposers.push(channel.onNotification("event", () => act(0)));
      return book.request(channel, "tell");
    },
  },
  {
    name: "notification handler/async",
    covers: [],
    play: ({ act, channel, book, disposers }) => {
      disposers.push(channel.onNotification("event", async () => act(0)));
      return book.request(channel, "tell");
    },
  },
  {
    name: "notification handler/of all",
    covers: [
      "AnyNotificationHandler()",
      "AnyNotificationHandler",
      "TypedChannel.onNotification.handler()",
      "TypedChannel.onNotification.handler",
    ],
    play: ({ act, channel, book, disposers }) => {
      disposers.push(channel.onNotification(() => act(0)));
      return book.request(channel, "tell");
    },
  },
  {
    name: "notification handler/of early ones",
    covers: [],
    play: async ({ act, channel, book, disposers }) => {
      await book.request(channel, "ask", { kind: "notify", method: "early" });
      await turn();
      disposers.push(channel.onNotification("early", () => act(0)));
    },
  },
  {
    name: "notification handler/of progress that is nobody's",
    covers: [],
    play: ({ act, channel, book, disposers }) => {
      disposers.push(channel.onNotification("$/progress", () => act(0)));
      return book.request(channel, "ask", { kind: "notify", method: "$/progress" });
    },
  },
];

export const handlers: readonly Point[] = [...requestHandlers, ...handlerInterceptors, ...notificationHandlers];
