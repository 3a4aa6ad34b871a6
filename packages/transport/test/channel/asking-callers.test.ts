import { expect, test } from "vitest";
import { createChannel, createMemoryLinks, type RequestContext } from "../../src/index.js";
import { openPair, rejectionOf } from "../support/channels.js";

test("a handler asks its caller by its context, and answers with what it hears", async () => {
  const { left, right } = openPair();
  left.onRequest("name", () => "left");
  right.onRequest("greet", async (_params: unknown, context: RequestContext) => {
    return `hello ${await context.request<string>("name")}`;
  });
  expect(await left.request("greet")).toBe("hello left");
});

test("a handler takes what it needs out of its context", async () => {
  const { left, right } = openPair();
  const heard: unknown[] = [];
  left.onRequest("name", () => "left");
  left.onNotification("greeted", (params) => heard.push(params));
  right.onRequest("greet", async (_params: unknown, { request, notify, progress, signal, input }: RequestContext) => {
    for await (const item of input) heard.push(item);
    void progress("asking");
    const name = await request<string>("name");
    await notify("greeted", { name });
    return { name, isAborted: signal.aborted };
  });
  const onProgress = (value: unknown): unknown => heard.push(value);
  expect(await left.request("greet", {}, { onProgress, input: [1] })).toEqual({ name: "left", isAborted: false });
  expect(heard).toEqual([1, "asking", { name: "left" }]);
});

test("a handler that asks hears the caller's error, its own signal, and the end of the channel", async () => {
  const { left, right } = openPair();
  const heard: unknown[] = [];
  left.onRequest("never", async () => new Promise(() => undefined));
  right.onRequest("m", async (_params: unknown, context: RequestContext) => {
    heard.push(await rejectionOf(context.request("nobody")));
    heard.push(await rejectionOf(context.request("never", {}, { timeout: 5 })));
    heard.push(await rejectionOf(context.request("never", {}, { signal: AbortSignal.abort("enough") })));
    const last = rejectionOf(context.request("never"));
    void right.close();
    heard.push(await last);
  });
  await rejectionOf(left.request("m"));
  await right.idle();
  expect(heard).toMatchObject([{ code: -32601 }, { code: "TIMEOUT" }, "enough", { code: "CHANNEL_CLOSED" }]);
});

test("what a handler asks passes the interceptors of its side", async () => {
  const [here, there] = createMemoryLinks();
  const methods: string[] = [];
  await using left = createChannel({ link: here });
  await using right = createChannel({
    link: there,
    interceptors: [
      async (call, next) => {
        methods.push(call.method);
        return next(call);
      },
    ],
  });
  left.onRequest("double", ({ n }: { n: number }) => n * 2);
  right.onRequest("m", async (_params: unknown, context: RequestContext) => context.request("double", { n: 21 }));
  expect(await left.request("m")).toBe(42);
  expect(methods).toEqual(["double"]);
});

test("a handler whose inputs an interceptor has replaced still asks its caller", async () => {
  const [here, there] = createMemoryLinks();
  await using left = createChannel({ link: here });
  await using right = createChannel({
    link: there,
    handlerInterceptors: [
      ({ params, context }, next) => {
        context.input = (async function* () {
          yield 1;
        })();
        return next(params);
      },
    ],
  });
  left.onRequest("ten", () => 10);
  right.onRequest("m", async (_params: unknown, context: RequestContext) => {
    let sum = await context.request<number>("ten");
    for await (const item of context.input) sum += item as number;
    return sum;
  });
  expect(await left.request("m")).toBe(11);
});
