import { expectTypeOf, test } from "vitest";
import type { Channel, TypedChannel } from "../src/index.js";
import { createStdioChannel } from "../src/index.js";

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

test("an API types methods, params, results, streams and notifications", () => {
  expectTypeOf(calls).returns.resolves.toBeVoid();
  expectTypeOf(createStdioChannel<Api, Events>).returns.resolves.toEqualTypeOf<TypedChannel<Api, Events>>();
});

test("without an API a channel takes any method, and the caller may name the result", () => {
  expectTypeOf<Channel["request"]>().toBeCallableWith("anything", { a: 1 });
  expectTypeOf((channel: Channel) => channel.request<string>("x")).returns.resolves.toBeString();
});
