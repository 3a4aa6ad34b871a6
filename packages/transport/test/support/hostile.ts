/** What handlers throw, return and yield when something is wrong with them: for every codec. */
/* eslint-disable @typescript-eslint/only-throw-error -- handlers do */
import { RpcError, type RequestHandler } from "../../src/index.js";

/** An `RpcError` that its constructor has never seen. */
function forged(fields: object): unknown {
  return Object.create(RpcError.prototype, Object.getOwnPropertyDescriptors(fields)) as unknown;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Throws at whatever is done with it. */
function thorny(): object {
  const refuse = (): never => {
    throw new Error("a trap");
  };
  return new Proxy(
    {},
    { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse },
  );
}

const spiteful = {
  get message(): string {
    throw new Error("no message");
  },
};

export const THROWN: readonly (readonly [string, () => unknown])[] = [
  ["null", () => null],
  ["undefined", () => undefined],
  ["a symbol", () => Symbol("thrown")],
  ["a function", () => () => 1],
  ["a bigint", () => 1n],
  ["an object without a prototype", () => Object.create(null) as unknown],
  ["a revoked proxy", revoked],
  ["a proxy whose traps throw", thorny],
  ["an RpcError whose code is NaN", () => forged({ code: NaN, message: "m" })],
  ["an RpcError whose code is a bigint", () => forged({ code: 1n, message: "m" })],
  ["an RpcError whose code is a fraction", () => forged({ code: 1.5, message: "m" })],
  ["an RpcError whose code is a text", () => forged({ code: "ENOENT", message: "m" })],
  ["an RpcError whose code is too large", () => forged({ code: 1e300, message: "m" })],
  ["an RpcError without fields", () => forged({})],
  ["an RpcError whose message is a number", () => forged({ code: 7, message: 5 })],
  ["an RpcError whose message is a symbol", () => forged({ code: 7, message: Symbol("m") })],
  ["an RpcError whose message throws", () => forged(spiteful)],
  ["an RpcError whose data is a revoked proxy", () => forged({ code: 7, message: "m", data: revoked() })],
  ["an RpcError whose message is half a surrogate pair", () => forged({ code: 7, message: "\ud800" })],
  [
    "an Error whose message throws",
    () => Object.defineProperties(new Error("m"), Object.getOwnPropertyDescriptors(spiteful)),
  ],
  ["an Error whose message is a symbol", () => Object.assign(new Error("m"), { message: Symbol("m") })],
];

/** Each returns something that can't be the answer. */
export const RETURNED: readonly (readonly [string, RequestHandler])[] = [
  ["a revoked proxy", revoked],
  ["a proxy whose traps throw", thorny],
  ["a symbol", () => Symbol("returned")],
  ["a function", () => () => 1],
  [
    "a function that is thenable",
    () => Object.assign(() => 1, { then: (_: unknown, no: (why: unknown) => void) => no(7) }),
  ],
  [
    "a function that is revoked",
    () => {
      const { proxy, revoke } = Proxy.revocable(() => 1, {});
      revoke();
      return proxy;
    },
  ],
  [
    "an object whose member throws",
    () => ({
      get member(): unknown {
        throw new Error("no member");
      },
    }),
  ],
  ["an object whose member is a revoked proxy", () => ({ member: revoked() })],
  [
    "an object whose `then` can't be read",
    () => ({
      get then(): unknown {
        throw new Error("no then");
      },
    }),
  ],
  [
    "a thenable that throws",
    () => ({
      then() {
        throw new Error("in then");
      },
    }),
  ],
  [
    "a thenable that throws a revoked proxy",
    () => ({
      then() {
        throw revoked();
      },
    }),
  ],
  [
    "a thenable that rejects, resolves and throws",
    () => ({
      then(resolve: (value: unknown) => void, reject: (why: unknown) => void) {
        reject(new Error("rejected"));
        resolve(1);
        throw new Error("thrown");
      },
    }),
  ],
  [
    "a promise whose constructor can't be read",
    () =>
      Object.defineProperty(Promise.resolve(1), "constructor", {
        get() {
          throw new Error("no constructor");
        },
      }),
  ],
  [
    "a promise whose `then` throws",
    () =>
      Object.defineProperty(Promise.reject(new Error("no")), "then", {
        value() {
          throw new Error("in then");
        },
      }),
  ],
  [
    "a promise whose `then` rejects and resolves",
    () =>
      Object.defineProperty(Promise.reject(new Error("no")), "then", {
        value(resolve: (value: unknown) => void, reject: (why: unknown) => void) {
          reject(new Error("rejected"));
          resolve(1);
        },
      }),
  ],
  [
    "a promise of a revoked function",
    async () => {
      const { proxy, revoke } = Proxy.revocable(() => 1, {});
      revoke();
      return Promise.resolve([proxy]);
    },
  ],
  [
    "a promise of an object whose traps throw where streams are told",
    async () =>
      Promise.resolve(
        new Proxy(
          {},
          {
            has() {
              throw new Error("in has");
            },
          },
        ),
      ),
  ],
  [
    "an iterable whose iterator can't be had",
    () => ({
      get [Symbol.asyncIterator](): unknown {
        throw new Error("no iterator");
      },
    }),
  ],
  ["an iterable whose iterator is nothing", () => ({ [Symbol.asyncIterator]: () => undefined })],
];

const iterable = (iterator: object): object => ({ [Symbol.asyncIterator]: () => iterator });

/** Each fails as a stream, at once or after the item 1. */
export const STREAMED: readonly (readonly [string, RequestHandler])[] = [
  [
    "whose next() throws",
    () =>
      iterable({
        next() {
          throw new Error("in next");
        },
      }),
  ],
  [
    "whose next() throws a revoked proxy",
    () =>
      iterable({
        next() {
          throw revoked();
        },
      }),
  ],
  ["whose next() gives null", () => iterable({ next: () => null })],
  ["whose next() gives a revoked proxy", () => iterable({ next: revoked })],
  ["whose steps throw", () => iterable({ next: thorny })],
  ["that has no next()", () => iterable({})],
  [
    "whose next() is a thenable that throws",
    () =>
      iterable({
        next: () => ({
          then() {
            throw revoked();
          },
        }),
      }),
  ],
  [
    "that yields a revoked proxy",
    async function* () {
      yield 1;
      yield revoked();
    },
  ],
  [
    "that yields a symbol that no codec knows",
    async function* () {
      yield 1;
      yield [thorny()];
    },
  ],
  [
    "that returns a revoked proxy in an array",
    async function* () {
      yield 1;
      return [revoked()];
    },
  ],
  [
    "that throws a revoked proxy",
    async function* () {
      yield 1;
      throw revoked();
    },
  ],
  [
    "that yields what can't be sent, and whose return() throws",
    () =>
      iterable({
        next: async () => Promise.resolve({ done: false, value: revoked() }),
        return() {
          throw new Error("in return");
        },
      }),
  ],
  [
    "that yields what can't be sent, and whose return() rejects",
    () =>
      iterable({
        next: async () => Promise.resolve({ done: false, value: revoked() }),
        return: async () => Promise.reject(new Error("in return")),
      }),
  ],
  [
    "that yields what can't be sent, and whose return() is a thenable that rejects",
    () =>
      iterable({
        next: async () => Promise.resolve({ done: false, value: revoked() }),
        return: () => ({
          then(_: unknown, reject: (why: unknown) => void) {
            reject(new Error("in return"));
          },
        }),
      }),
  ],
  [
    "that yields what can't be sent, and whose return() can't be read",
    () =>
      iterable({
        next: async () => Promise.resolve({ done: false, value: revoked() }),
        get return(): unknown {
          throw new Error("no return");
        },
      }),
  ],
];
