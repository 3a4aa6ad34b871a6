import { describe, expect, test } from "vitest";
import type { HandlerInterceptor, OutgoingCall, RequestContext, RequestInterceptor } from "../../src/index.js";
import { openPair, rejectionOf, type Pair } from "../support/channels.js";
import { readAll, Source } from "../support/streams.js";

type Items = AsyncIterable<number>;

function open(...interceptors: RequestInterceptor[]): Pair & { readonly source: Source } {
  const pair = openPair({ interceptors });
  const source = new Source();
  pair.right.onRequest("count", ({ to }: { to: number }) => source.count(to));
  pair.right.onRequest("total", async (_params: unknown, { input }: RequestContext) => {
    let total = 0;
    for await (const item of input as Items) total += item;
    return total;
  });
  return { ...pair, source };
}

async function* map(items: Items, change: (item: number) => number): AsyncGenerator<number, unknown> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await iterator.next();
      if (step.done === true) return step.value as unknown;
      yield change(step.value);
    }
  } finally {
    await iterator.return?.();
  }
}

describe("an interceptor of streams", () => {
  test("sees the call when the first item is asked for, and no sooner", async () => {
    const seen: OutgoingCall[] = [];
    const { left } = open((call, next) => (seen.push(call), next(call)));
    const stream = left.stream<number>("count", { to: 2 }, { timeout: 1_000 });
    expect(seen).toEqual([]);
    expect(await readAll(stream)).toEqual({ items: [1, 2], result: "done" });
    expect(seen).toEqual([{ kind: "stream", method: "count", params: { to: 2 }, options: { timeout: 1_000 } }]);
  });

  test("changes the params, the items, and keeps the result", async () => {
    const { left } = open(async (call, next) =>
      map((await next({ ...call, params: { to: 3 } })) as Items, (item) => item * 10),
    );
    expect(await readAll(left.stream("count"))).toEqual({ items: [10, 20, 30], result: "done" });
  });

  test("gives items without asking the other side", async () => {
    const { left } = open(() => Promise.resolve(["from", "the", "cache"]));
    expect(await readAll(left.stream("count"))).toEqual({ items: ["from", "the", "cache"], result: undefined });
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
    ["gives nothing that can be iterated", () => Promise.resolve(undefined)],
  ])("that %s fails the first next(), and the stream is over", async (_, interceptor) => {
    const { left } = open(interceptor);
    const stream = left.stream("count");
    expect(await rejectionOf(stream.next())).toBeInstanceOf(Error);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(await stream.return?.("value")).toEqual({ done: true, value: "value" });
    expect(left.stats()).toMatchObject({ requestsSent: 0, inFlight: 0 });
  });

  test("hears that the stream was left, and so does the handler", async () => {
    let isOver = false;
    const { left, source } = open(async (call, next) => {
      const items = (await next(call)) as Items;
      return (async function* () {
        try {
          yield* items;
        } finally {
          isOver = true;
        }
      })();
    });
    for await (const item of left.stream<number>("count", { to: 1e9 })) if (item === 3) break;
    expect(isOver).toBe(true);
    await expect.poll(() => source.isOver).toBe(true);
    expect(left.stats()).toMatchObject({ inFlight: 0, cancelled: 1 });
  });

  test("is not asked when the stream is left before its first item", async () => {
    let asked = 0;
    const { left } = open((call, next) => ((asked += 1), next(call)));
    const stream = left.stream("count");
    await stream.return?.();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(asked).toBe(0);
  });

  test("does not hold back return() while next() waits for an item", async () => {
    const { left, right } = open((call, next) => next(call));
    right.onRequest("stuck", async function* () {
      yield 1;
      await new Promise(() => undefined);
    });
    const stream = left.stream("stuck");
    await stream.next();
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toMatchObject({ done: true });
    expect(left.stats().inFlight).toBe(0);
  });

  test("sees requests with inputs, and may change the inputs", async () => {
    const { left } = open((call, next) => {
      const input = call.options?.input as number[] | undefined;
      return next(input === undefined ? call : { ...call, options: { input: input.map((item) => item * 2) } });
    });
    expect(await left.request("total", {}, { input: [1, 2, 3] })).toBe(12);
  });
});

describe("an interceptor of notifications", () => {
  test("sees, changes and drops them, also those of a handler's context", async () => {
    const seen: string[] = [];
    const { left, right } = openPair({
      interceptors: [
        (call, next) => {
          if (call.kind !== "notification") return next(call);
          seen.push(call.method);
          return call.method === "drop" ? Promise.resolve() : next({ ...call, method: `x.${call.method}` });
        },
      ],
    });
    left.onRequest("tell", async (_params: unknown, context: RequestContext) => {
      await context.notify("fromContext");
    });
    const heard: string[] = [];
    right.onNotification(({ method }: { method: string }) => heard.push(method));
    await left.notify("drop");
    expect(await left.notify("keep").then(() => "sent")).toBe("sent");
    await right.request("tell");
    expect(seen).toEqual(["drop", "keep", "fromContext"]);
    expect(heard).toEqual(["x.keep", "x.fromContext"]);
  });

  test("that throws rejects notify(), and is no unhandled rejection where nobody waits", async () => {
    const { left } = openPair({ interceptors: [() => Promise.reject(new Error("not allowed"))] });
    void left.notify("nobody waits");
    expect(await rejectionOf(left.notify("n"))).toMatchObject({ message: "not allowed" });
    await left.close();
  });
});

describe("an interceptor of handlers", () => {
  test("changes the inputs that the handler reads", async () => {
    const double: HandlerInterceptor = ({ params, context }, next) => {
      context.input = map(context.input as Items, (item) => item * 2);
      return next(params);
    };
    const { left, right } = openPair({}, { handlerInterceptors: [double] });
    right.onRequest("all", async (_params: unknown, { input }: RequestContext) => {
      const items: number[] = [];
      for await (const item of input as Items) items.push(item);
      return items;
    });
    expect(await left.request("all", {}, { input: [1, 2, 3] })).toEqual([2, 4, 6]);
  });
});
