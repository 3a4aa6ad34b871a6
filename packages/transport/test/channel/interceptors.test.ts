import { describe, expect, test } from "vitest";
import {
  ChannelError,
  RpcError,
  type CreateChannelOptions,
  type HandlerInterceptor,
  type RequestInterceptor,
} from "../../src/index.js";
import { openPair, rejectionOf, type Pair } from "../support/channels.js";
import { readAll, Source } from "../support/streams.js";

function open(left: Partial<CreateChannelOptions>, right: Partial<CreateChannelOptions> = {}): Pair {
  const pair = openPair(left, right);
  pair.right.onRequest("echo", (params: unknown) => params);
  pair.right.onRequest("fail", () => {
    throw new RpcError(7, "no");
  });
  return pair;
}

describe("interceptors of requests", () => {
  test("run the first one outermost, and unwind the other way", async () => {
    const steps: string[] = [];
    const note =
      (name: string): RequestInterceptor =>
      async (request, next) => {
        steps.push(`${name} before`);
        const result = await next(request);
        steps.push(`${name} after`);
        return result;
      };
    const { left } = open({ interceptors: [note("a"), note("b"), note("c")] });
    expect(await left.request("echo", { x: 1 })).toEqual({ x: 1 });
    expect(steps).toEqual(["a before", "b before", "c before", "c after", "b after", "a after"]);
  });

  test("see kind, method, params and options as they were given", async () => {
    const seen: unknown[] = [];
    const spy: RequestInterceptor = (request, next) => {
      seen.push(request);
      return next(request);
    };
    const { left } = open({ interceptors: [spy] });
    const options = { timeout: 1_000 };
    await left.request("echo", { x: 1 }, options);
    await left.request("echo");
    expect(seen).toEqual([
      { kind: "request", method: "echo", params: { x: 1 }, options },
      { kind: "request", method: "echo", params: undefined, options: undefined },
    ]);
  });

  test("retry by calling next again", async () => {
    let failures = 2;
    const retry: RequestInterceptor = async (request, next) => {
      for (;;) {
        try {
          return await next(request);
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
        }
      }
    };
    const { left, right } = open({ interceptors: [retry] });
    right.onRequest("flaky", () => {
      if (failures-- > 0) throw new RpcError(1, "not yet");
      return "at last";
    });
    expect(await left.request("flaky")).toBe("at last");
    expect(left.stats()).toMatchObject({ requestsSent: 3, refused: 2, succeeded: 1, inFlight: 0 });
  });

  test("change method, params, options and the result", async () => {
    const change: RequestInterceptor = async (request, next) => {
      const result = await next({ method: "echo", params: { was: request.method }, options: { timeout: 1_000 } });
      return { result };
    };
    const { left } = open({ interceptors: [change] });
    expect(await left.request("other")).toEqual({ result: { was: "other" } });
  });

  test("answer without asking the other side", async () => {
    const cached: RequestInterceptor = () => Promise.resolve("from the cache");
    const { left } = open({ interceptors: [cached] });
    expect(await left.request("echo")).toBe("from the cache");
    expect(left.stats().requestsSent).toBe(0);
  });

  test.each<[string, RequestInterceptor]>([
    ["rejects", () => Promise.reject(new Error("not allowed"))],
    [
      "throws",
      () => {
        throw new Error("not allowed");
      },
    ],
  ])("one that %s rejects the request, and request() itself does not throw", async (_, interceptor) => {
    const { left } = open({ interceptors: [interceptor] });
    const call = left.request("echo");
    expect(await rejectionOf(call)).toMatchObject({ message: "not allowed" });
    expect(left.stats()).toMatchObject({ requestsSent: 0, inFlight: 0 });
  });

  test("see errors of the other side and of this side, and may replace them", async () => {
    const seen: unknown[] = [];
    const spy: RequestInterceptor = async (request, next) => {
      try {
        return await next(request);
      } catch (error) {
        seen.push(error);
        throw new Error("replaced", { cause: error });
      }
    };
    const { left } = open({ interceptors: [spy] });
    expect(await rejectionOf(left.request("fail"))).toMatchObject({ message: "replaced" });
    expect(await rejectionOf(left.request("echo", { n: 1n }))).toMatchObject({ message: "replaced" });
    expect(await rejectionOf(left.request("echo", {}, { signal: AbortSignal.abort("stop") }))).toBeInstanceOf(Error);
    expect(seen[0]).toBeInstanceOf(RpcError);
    expect(seen[1]).toBeInstanceOf(ChannelError);
    expect(seen[2]).toBe("stop");
  });

  test("that never call next hold nothing: the channel closes", async () => {
    const { left } = open({ interceptors: [() => Promise.resolve(undefined)] });
    expect(await left.request("echo")).toBeUndefined();
    await left.close();
    expect(left.stats().inFlight).toBe(0);
  });
});

describe("interceptors of handlers", () => {
  test("run the first one outermost, also around handlers that answer later, and unwind the other way", async () => {
    const steps: string[] = [];
    const note =
      (name: string): HandlerInterceptor =>
      async (call, next) => {
        steps.push(`${name} before ${call.method}`);
        const result = await next(call.params);
        steps.push(`${name} after`);
        return result;
      };
    const { left } = open({}, { handlerInterceptors: [note("a"), note("b")] });
    expect(await left.request("echo", [1])).toEqual([1]);
    expect(steps).toEqual(["a before echo", "b before echo", "b after", "a after"]);
  });

  test("refuse what does not validate: the caller gets the RpcError", async () => {
    const validate: HandlerInterceptor = ({ method, params }, next) => {
      const { a } = (params ?? {}) as { a?: unknown };
      if (typeof a !== "number") throw new RpcError(-32602, `${method}: a is a number`, { data: { a } });
      return next(params);
    };
    const { left, right } = open({}, { handlerInterceptors: [validate] });
    let called = 0;
    right.onRequest("count", () => (called += 1));
    const error = await rejectionOf(left.request("count", { a: "x" }));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: -32602, message: "count: a is a number", data: { a: "x" } });
    expect(called).toBe(0);
    expect(await left.request("count", { a: 1 })).toBe(1);
  });

  test("change params for those inside and for the handler", async () => {
    const seen: unknown[] = [];
    const double: HandlerInterceptor = ({ params }, next) => next((params as number[]).map((n) => n * 2));
    const spy: HandlerInterceptor = ({ params }, next) => {
      seen.push(params);
      return next(params);
    };
    const { left } = open({}, { handlerInterceptors: [double, spy] });
    expect(await left.request("echo", [1, 2])).toEqual([2, 4]);
    expect(seen).toEqual([[2, 4]]);
  });

  test("answer in the handler's place, and call it twice", async () => {
    let calls = 0;
    const twice: HandlerInterceptor = async ({ method, params }, next) => {
      if (method === "shortcut") return "short";
      await next(params);
      return next(params);
    };
    const { left, right } = open({}, { handlerInterceptors: [twice] });
    right.onRequest("count", () => (calls += 1));
    right.onRequest("shortcut", () => (calls += 1));
    expect(await left.request("shortcut")).toBe("short");
    expect(await left.request("count")).toBe(2);
  });

  test("wrap the handler of all methods, and see the request's context", async () => {
    const seen: unknown[] = [];
    const spy: HandlerInterceptor = ({ method, params, context }, next) => {
      seen.push([method, context.method, context.id]);
      return next(params);
    };
    const { left, right } = openPair({}, { handlerInterceptors: [spy] });
    right.onRequest(({ method }: { method: string }) => method);
    expect(await left.request("anything")).toBe("anything");
    expect(seen).toEqual([["anything", "anything", 1]]);
  });

  test("are not asked about methods that do not exist", async () => {
    const seen: string[] = [];
    const { left } = open(
      {},
      { handlerInterceptors: [({ method, params }, next) => (seen.push(method), next(params))] },
    );
    expect(await rejectionOf(left.request("nothing"))).toMatchObject({ code: -32601 });
    expect(seen).toEqual([]);
  });

  test("see a stream as the generator that the handler returned", async () => {
    const double: HandlerInterceptor = async function* ({ params }, next) {
      for await (const item of next(params) as AsyncIterable<number>) yield item * 2;
    };
    const { left, right } = openPair({}, { handlerInterceptors: [double] });
    right.onRequest("count", () => new Source().count(3));
    expect(await readAll(left.stream("count"))).toEqual({ items: [2, 4, 6], result: null });
  });
});
