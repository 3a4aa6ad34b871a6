// Iterables of users: the look-ups of their methods, the methods, and the steps that these return.

import type { RequestContext } from "@procwire/transport";
import type { Act, HostileOptions, OpenScene, Point } from "../contract.js";
import { A_PROMISE_IN_A_VALUE } from "./values.js";

const PARTS = [
  "getter",
  "method",
  "next getter",
  "next",
  "done",
  "value",
  "return getter",
  "return",
  "generator",
] as const;
type Part = (typeof PARTS)[number];

/** Yields 1, 2 and 3; one part of it is hostile. */
function iterable(part: Part, act: Act, isAsync: boolean): AsyncIterable<unknown> {
  const hostile = <Value>(wanted: Part, normal: Value): Value => (part === wanted ? act(normal) : normal);
  const key = isAsync ? Symbol.asyncIterator : Symbol.iterator;
  const promised = (step: object): unknown => (isAsync ? Promise.resolve(step) : step);
  let n = 0;
  const steps = {
    get next() {
      return hostile("next getter", () => hostile("next", promised(step())));
    },
    get return() {
      return hostile("return getter", () => hostile("return", promised({ done: true, value: undefined })));
    },
  };
  const step = (): object => {
    n += 1;
    const at = n;
    return {
      get done() {
        return hostile("done", at > 3);
      },
      get value() {
        return hostile("value", at);
      },
    };
  };
  const generator = function* (): Generator<unknown, unknown> {
    try {
      yield 1;
      yield hostile("generator", 2);
    } finally {
      hostile("generator", 0);
    }
    return 3;
  };
  const open = (): unknown => (part === "generator" ? (isAsync ? asyncOf(generator()) : generator()) : steps);
  return Object.defineProperty({}, key, {
    get: () => hostile("getter", () => hostile("method", open())),
  }) as AsyncIterable<unknown>;
}

async function* asyncOf(generator: Generator<unknown, unknown>): AsyncGenerator<unknown, unknown> {
  return yield* generator;
}

interface Position {
  readonly name: string;
  readonly kinds: readonly ("sync" | "async")[];
  readonly covers: readonly string[];
  /** Which parts are looked at there; all if absent. */
  readonly parts?: readonly Part[];
  readonly options?: (act: Act, part: Part, isAsync: boolean) => HostileOptions;
  readonly play: (scene: OpenScene, items: AsyncIterable<unknown>) => unknown;
}

/** Of what nobody reads only this is looked at. */
const UNREAD: readonly Part[] = ["getter", "method", "return getter", "return"];
/** What is read to its end is not told that nobody reads it. */
const READ = PARTS.filter((part) => !part.startsWith("return"));
/** Where a promise may be given. */
const PROMISED: readonly Part[] = ["next", "return"];

/** The other side asks for a stream, and reads it to its end or leaves it. */
function streamed(kind: "stream" | "leave" | "request") {
  return ({ channel, book, disposers }: OpenScene, items: AsyncIterable<unknown>): unknown => {
    disposers.push(channel.onRequest("hostile", () => items));
    return book.request(channel, "ask", { kind, method: "hostile" });
  };
}

const POSITIONS: readonly Position[] = [
  {
    name: "input of a request",
    kinds: ["sync", "async"],
    covers: ["Iterable", "AsyncIterable"],
    play: ({ channel, book }, input) => book.request(channel, "sum", {}, { input }),
  },
  {
    name: "input that nobody reads",
    parts: UNREAD,
    kinds: ["async"],
    covers: [],
    play: ({ channel, book }, input) => book.request(channel, "add", { a: 1, b: 2 }, { input }),
  },
  {
    name: "input of a stream",
    kinds: ["async"],
    covers: [],
    play: ({ channel, book }, input) => book.stream(channel, "mirror", {}, { input }),
  },
  { name: "streamed answer", kinds: ["async"], covers: [], play: streamed("stream") },
  { name: "streamed answer that is left", kinds: ["async"], covers: [], play: streamed("leave") },
  { name: "streamed answer to a request", parts: UNREAD, kinds: ["async"], covers: [], play: streamed("request") },
  {
    name: "stream of an interceptor",
    parts: READ,
    kinds: ["sync", "async"],
    covers: [],
    options: (act, part, isAsync) => ({
      interceptors: [
        (call, next) => (call.kind === "stream" ? Promise.resolve(iterable(part, act, isAsync)) : next(call)),
      ],
    }),
    play: ({ channel, book }) => book.stream(channel, "count", { to: 2 }),
  },
  {
    name: "stream of an interceptor that is left",
    kinds: ["async"],
    covers: [],
    options: (act, part, isAsync) => ({
      interceptors: [
        (call, next) => (call.kind === "stream" ? Promise.resolve(iterable(part, act, isAsync)) : next(call)),
      ],
    }),
    play: ({ channel, book }) =>
      book.watch("stream count, left", async () => {
        for await (const _ of channel.stream("count", { to: 2 }, { timeout: book.timeout })) break;
      }),
  },
  {
    name: "input of a handler interceptor",
    parts: READ,
    kinds: ["async"],
    covers: [],
    options: (act, part, isAsync) => ({
      handlerInterceptors: [
        ({ params, context }: { readonly params: unknown; readonly context: RequestContext }, next) => {
          context.input = iterable(part, act, isAsync);
          return next(params);
        },
      ],
    }),
    play: ({ channel, book }) => book.request(channel, "ask", { kind: "input", method: "sum" }),
  },
];

export const iterables: readonly Point[] = POSITIONS.flatMap(({ name, kinds, covers, parts = PARTS, options, play }) =>
  kinds.flatMap((kind) =>
    parts.map((part): Point => {
      const isAsync = kind === "async";
      return {
        name: `${name}/${kind}/${part}`,
        covers,
        mayRefuse: true,
        ...(isAsync && PROMISED.includes(part) ? {} : { except: A_PROMISE_IN_A_VALUE }),
        ...(options === undefined ? {} : { options: (act) => options(act, part, isAsync) }),
        play: (scene) => play(scene, iterable(part, scene.act, isAsync)),
      };
    }),
  ),
);
