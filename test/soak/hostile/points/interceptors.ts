// What wraps the calls of this side.

import type { NextCall, OutgoingCall, RequestInterceptor } from "@procwire/transport";
import type { Act, OpenScene, Point } from "../contract.js";
import { A_PROMISE_IN_A_VALUE } from "./values.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One call of each kind. */
function sayAll({ channel, book }: OpenScene): unknown {
  return Promise.all([
    book.request(channel, "add", { a: 1, b: 2 }),
    book.request(channel, "sum", {}, { input: [1, 2] }),
    book.stream(channel, "count", { to: 2 }),
    book.notify(channel, "heard", { value: 1 }),
    book.batch(channel, [
      { method: "add", params: { a: 1, b: 2 } },
      { method: "heard", notify: true },
    ]),
  ]);
}

/** Those that have a deadline. */
function askAll({ channel, book }: OpenScene): unknown {
  return Promise.all([
    book.request(channel, "add", { a: 1, b: 2 }),
    book.request(channel, "sum", {}, { input: [1, 2] }),
    book.stream(channel, "count", { to: 2 }),
  ]);
}

const NO_DEADLINE = {
  behaviours: ["never"],
  because: "a notification has no deadline: it waits for its interceptors until this side closes the channel",
};

/** What may take the place of what the other side says. */
function resultFor({ kind }: OutgoingCall): Promise<unknown> {
  return Promise.resolve(kind === "stream" ? [1, 2] : 1);
}

function wrapping(name: string, interceptor: (act: Act) => RequestInterceptor): Point {
  return {
    name: `interceptor/${name}`,
    covers: ["RequestInterceptor()", "RequestInterceptor", "CreateChannelOptions.interceptors"],
    mayRefuse: true,
    except: NO_DEADLINE,
    options: (act) => ({ interceptors: [interceptor(act), (call, next) => next(call)] }),
    play: sayAll,
  };
}

/** The same, where only calls with a deadline are made: none of them outlives it, whatever the interceptor does. */
function wrappingCalls(name: string, interceptor: (act: Act) => RequestInterceptor): Point {
  const { except: _, ...point } = wrapping(`${name}, of calls with a deadline`, interceptor);
  return { ...point, play: askAll };
}

/** The call, with one member that is looked up in a hostile way. */
function withGetter(call: NextCall, member: keyof NextCall, act: Act): NextCall {
  return Object.defineProperty({ ...call }, member, { get: () => act(call[member]) });
}

export const interceptors: readonly Point[] = [
  {
    ...wrapping("before", (act) => (call, next) => {
      act(0);
      return next(call);
    }),
    returnsNothing: true,
  },
  wrapping("instead", (act) => (call, next) => (call.method === "add" ? next(call) : act(resultFor(call)))),
  wrapping("after", (act) => (call, next) => {
    const result = next(call);
    result.catch(() => undefined);
    return act(result);
  }),
  wrapping("later", (act) => async (call, next) => {
    const result = await next(call);
    await turn();
    return act(result);
  }),
  wrappingCalls("instead", (act) => (call, next) => (call.method === "add" ? next(call) : act(resultFor(call)))),
  wrappingCalls("later", (act) => async (call, next) => {
    const result = await next(call);
    await turn();
    return act(result);
  }),
  {
    ...wrapping("before, later", (act) => async (call, next) => {
      await turn();
      act(0);
      return next(call);
    }),
    returnsNothing: true,
  },
  wrapping("again", (act) => async (call, next) => {
    const [result] = await Promise.all([next(call), next(call)]);
    return act(result);
  }),
  wrapping("and nobody waits", (act) => async (call, next) => {
    const result = next(call);
    result.catch(() => undefined);
    return call.method === "add" ? result : act(resultFor(call));
  }),
  ...(["method", "params", "options"] as const).map((member) => ({
    ...wrapping(`call.${member}`, (act) => (call, next) => next(withGetter(call, member, act))),
    covers: [`NextCall.${member}`],
    except: A_PROMISE_IN_A_VALUE,
  })),
];
