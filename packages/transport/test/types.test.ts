import { expectTypeOf, test } from "vitest";
import type { AnyApi, AnyEvents, Channel, TypedChannel } from "../src/index.js";
import { createStdioChannel, serveStdio } from "../src/index.js";

interface Api {
  add(params: { a: number; b: number }): number;
  greet(params?: { name: string }): Promise<string>;
  ping(): null;
  primes(params: { to: number }): AsyncIterable<number>;
}

interface Events {
  log: { message: string };
}

/** Never called: only its types are of interest. */
async function calls(channel: TypedChannel<Api, Events>): Promise<void> {
  expectTypeOf(await channel.request("add", { a: 1, b: 2 })).toEqualTypeOf<number>();
  expectTypeOf(await channel.request("add", { a: 1, b: 2 }, { timeout: 5 })).toEqualTypeOf<number>();
  expectTypeOf(await channel.request("greet")).toEqualTypeOf<string>();
  expectTypeOf(await channel.request("greet", { name: "Ada" })).toEqualTypeOf<string>();
  expectTypeOf(await channel.request("ping")).toEqualTypeOf<null>();
  expectTypeOf(await channel.remote.add({ a: 1, b: 2 })).toEqualTypeOf<number>();
  for await (const prime of channel.stream("primes", { to: 9 })) expectTypeOf(prime).toEqualTypeOf<number>();
  for await (const prime of channel.remote.primes.stream({ to: 9 })) expectTypeOf(prime).toEqualTypeOf<number>();
  channel.onNotification("log", (params) => {
    expectTypeOf(params).toEqualTypeOf<{ message: string }>();
  });
  // @ts-expect-error -- an operand is missing
  await channel.request("add", { a: 1 });
  // @ts-expect-error -- params are needed
  await channel.request("add");
  // @ts-expect-error -- there is no such method
  await channel.request("subtract", { a: 1, b: 2 });
  // @ts-expect-error -- a stream is no request
  await channel.request("primes", { to: 9 });
  // @ts-expect-error -- a request is no stream
  channel.stream("add", { a: 1, b: 2 });
  // @ts-expect-error -- there is no such notification
  channel.onNotification("logs", () => 0);
  // @ts-expect-error -- there is no such method
  const nothing: unknown = channel.remote.subtract;
  expectTypeOf(nothing).toBeUnknown();
}

interface OwnApi {
  confirm(params: { text: string }): boolean;
}

interface OwnEvents {
  resized: { width: number };
  paused: undefined;
}

/** Never called, too. */
async function bothWays(channel: TypedChannel<Api, Events, OwnApi, OwnEvents>): Promise<void> {
  channel.onRequest("confirm", ({ text }, context) => text === context.method);
  channel.onRequest("confirm", async ({ text }) => Promise.resolve(text === ""));
  await channel.notify("resized", { width: 5 });
  await channel.notify("paused");
  const [sum, greeting, nothing] = await channel.batch([
    { method: "add", params: { a: 1, b: 2 } },
    { method: "greet" },
    { method: "resized", params: { width: 5 }, notify: true },
  ]);
  if (sum.status === "fulfilled") expectTypeOf(sum.value).toEqualTypeOf<number>();
  if (greeting.status === "fulfilled") expectTypeOf(greeting.value).toEqualTypeOf<string>();
  if (nothing.status === "fulfilled") expectTypeOf(nothing.value).toEqualTypeOf<undefined>();
  // @ts-expect-error -- an operand is missing
  await channel.batch([{ method: "add", params: { a: 1 } }]);
  // @ts-expect-error -- there is no such method
  await channel.batch([{ method: "subtract" }]);
  // @ts-expect-error -- a stream is no call of a batch
  await channel.batch([{ method: "primes", params: { to: 9 } }]);
  // @ts-expect-error -- a width is a number
  await channel.notify("resized", { width: "5" });
  // @ts-expect-error -- there is no such notification
  await channel.notify("moved", {});
  // @ts-expect-error -- this side serves no such method
  channel.onRequest("add", () => 5);
  // @ts-expect-error -- it answers with a boolean
  channel.onRequest("confirm", () => "yes");
}

/** Never called, too. */
function serving(): void {
  const primes = async function* ({ to }: { to: number }): AsyncIterable<number> {
    yield await Promise.resolve(to);
  };
  const rest = { greet: () => Promise.resolve("hello"), ping: () => null, primes };
  const worker = serveStdio<Api, Events>({ add: ({ a, b }) => a + b, ...rest });
  expectTypeOf(worker).toEqualTypeOf<TypedChannel<AnyApi, AnyEvents, Api, Events>>();
  void worker.notify("log", { message: "started" });
  // @ts-expect-error -- the message is missing
  void worker.notify("log", {});
  // @ts-expect-error -- a method is missing
  serveStdio<Api>({ ...rest });
  // @ts-expect-error -- it answers with a number
  serveStdio<Api>({ add: () => "three", ...rest });
  // @ts-expect-error -- there is no such param
  serveStdio<Api>({ add: ({ c }) => c as number, ...rest });
  const validating = serveStdio<Pick<Api, "add">>({ add: (params, context) => params.a + context.method.length });
  void validating.request("anything", { a: 1 });
}

test("what this side serves and says is checked as well, and so is a worker", () => {
  expectTypeOf(bothWays).returns.resolves.toBeVoid();
  expectTypeOf(serving).returns.toBeVoid();
});

test("an API types methods, params, results, streams and notifications", () => {
  expectTypeOf(calls).returns.resolves.toBeVoid();
  expectTypeOf(createStdioChannel<Api, Events>).returns.resolves.toEqualTypeOf<TypedChannel<Api, Events>>();
});

test("without an API a channel takes any method, and the caller may name the result", () => {
  expectTypeOf<Channel["request"]>().toBeCallableWith("anything", { a: 1 });
  expectTypeOf((channel: Channel) => channel.request<string>("x")).returns.resolves.toBeString();
});
