// Params validated by any Standard Schema, here by two libraries and by hand.

import {
  createChannel,
  createMemoryLinks,
  validated,
  type Channel,
  type RequestContext,
  type RequestHandler,
  type RpcError,
  type StandardSchema,
} from "@procwire/transport";
import * as v from "valibot";
import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import { z } from "zod";
import { rejectionOf } from "./support/wait-for.js";

function serve(handler: RequestHandler): Channel {
  const [here, there] = createMemoryLinks();
  const channel = createChannel({ link: here });
  const worker = createChannel({ link: there });
  worker.onRequest("m", handler);
  onTestFinished(async () => {
    await Promise.all([channel.close(), worker.close()]);
  });
  return channel;
}

const sum = (params: { readonly rows: readonly { readonly n: number }[] }): number =>
  params.rows.reduce((total, { n }) => total + n, 0);

describe.each<[string, RequestHandler]>([
  ["zod", validated(z.object({ rows: z.array(z.object({ n: z.number() })) }), sum)],
  ["valibot", validated(v.object({ rows: v.array(v.object({ n: v.number() })) }), sum)],
])("a handler whose params %s validates", (_, handler) => {
  test("gets them when they are what they should be", async () => {
    expect(await serve(handler).request("m", { rows: [{ n: 1 }, { n: 2 }] })).toBe(3);
  });

  test("is not called with others: the caller is told which place is wrong", async () => {
    const error = (await rejectionOf(serve(handler).request("m", { rows: [{ n: 1 }, { n: "2" }] }))) as RpcError;
    expect(error.code).toBe(-32_602);
    expect(error.message).toMatch(/^Invalid params: params\.rows\[1\]\.n: /);
    expect(error.data).toMatchObject({ issues: [{ path: ".rows[1].n" }] });
  });

  test("nor without any", async () => {
    expect(await rejectionOf(serve(handler).request("m"))).toMatchObject({ code: -32_602 });
  });
});

test("a handler gets what the schema makes of the params, typed", async () => {
  const schema = z.object({ when: z.iso.datetime().transform((text) => new Date(text)), by: z.number().default(5) });
  const handler = validated(schema, ({ when, by }, context) => {
    expectTypeOf(when).toEqualTypeOf<Date>();
    expectTypeOf(context).toEqualTypeOf<RequestContext>();
    return when.getUTCFullYear() + by;
  });
  expectTypeOf(handler).parameter(0).toEqualTypeOf<{ when: string; by?: number | undefined }>();
  expect(await serve(handler).request("m", { when: "2020-01-01T00:00:00Z" })).toBe(2025);
});

test("a schema may take its time, and the handler may answer with a stream", async () => {
  const schema = v.pipeAsync(
    v.object({ to: v.number() }),
    v.checkAsync(async ({ to }) => Promise.resolve(to < 10), "too many"),
  );
  const channel = serve(
    validated(schema, async function* ({ to }) {
      for (let n = 1; n <= to; n++) yield await Promise.resolve(n);
    }),
  );
  const items: number[] = [];
  for await (const item of channel.stream<number>("m", { to: 3 })) items.push(item);
  expect(items).toEqual([1, 2, 3]);
  expect(await rejectionOf(channel.stream("m", { to: 30 }).next())).toMatchObject({
    message: "Invalid params: params: too many",
  });
});

function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } } as StandardSchema;
}

test.each<[string, (value: unknown) => unknown, object]>([
  [
    "throws",
    () => {
      throw new Error("boom");
    },
    { code: -32_603, message: "boom" },
  ],
  ["rejects", () => Promise.reject(new Error("boom")), { code: -32_603, message: "boom" }],
  ["gives nothing", () => undefined, { code: -32_603 }],
  [
    "has paths of every kind",
    () => ({ issues: [{ message: "no", path: [{ key: "a b" }, 0, Symbol("s")] }] }),
    { message: 'Invalid params: params["a b"][0]["Symbol(s)"]: no' },
  ],
  [
    "finds a thousand issues",
    () => ({ issues: Array.from({ length: 1_000 }, () => ({ message: "no" })) }),
    { message: `Invalid params: ${Array.from({ length: 20 }, () => "params: no").join("; ")}` },
  ],
])("a schema that %s: the request is answered, and the handler is not called", async (_, validate, expected) => {
  const called: unknown[] = [];
  const channel = serve(validated(schemaOf(validate), (params) => called.push(params)));
  expect(await rejectionOf(channel.request("m", {}))).toMatchObject(expected);
  expect(called).toEqual([]);
});

test.each([[undefined], [{}], [{ parse: () => 0 }], ["string"]])("%j is no schema", (given) => {
  expect(() => validated(given as unknown as StandardSchema, () => 0)).toThrow(/^validated needs a Standard Schema/);
});

test("what is no function is no handler", () => {
  expect(() => validated(z.object({}), {} as () => 0)).toThrow("validated needs a function as handler, not an object.");
});
