/** Encoding runs code of the user: getters, `toJSON`, the traps of proxies. They may throw, and use the channel. */

import { describe, expect, test } from "vitest";
import { openPair, rejectionOf } from "../support/channels.js";

function withGetter(get: () => unknown): object {
  return Object.defineProperty({}, "gotten", { get, enumerable: true });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function thrown(error: unknown): never {
  throw error;
}

const failure = new Error("not today");
const fail = (): never => thrown(failure);

describe("what fails while params are encoded is ENCODE_FAILED", () => {
  test.each<readonly [string, () => object]>([
    ["a getter that throws", () => withGetter(fail)],
    ["a toJSON that throws", () => ({ toJSON: fail })],
    ["a getter named toJSON that throws", () => Object.defineProperty({}, "toJSON", { get: fail })],
    ["a proxy whose traps throw", () => new Proxy({}, { ownKeys: fail, get: fail, getPrototypeOf: fail })],
    ["a proxy of an array that throws", () => new Proxy([1], { get: fail })],
  ])("%s, with its error as the cause", async (_, make) => {
    const { left, right } = openPair();
    right.onRequest("echo", (params: unknown) => params);
    const expected = { code: "ENCODE_FAILED", delivery: "not-sent", method: "echo", cause: failure };
    expect(await rejectionOf(left.request("echo", { deep: [make()] }))).toMatchObject(expected);
    expect(await rejectionOf(left.notify("echo", { deep: [make()] }))).toMatchObject({ ...expected, method: "echo" });
    expect(await left.request("echo", [1])).toEqual([1]);
    expect(left.stats()).toMatchObject({ inFlight: 0 });
  });

  test.each<readonly [string, () => object]>([
    ["a revoked proxy", revoked],
    ["a getter that throws a revoked proxy", () => withGetter(() => thrown(revoked()))],
    ["a getter that throws an object without a text", () => withGetter(() => thrown(Object.create(null)))],
    ["a getter that throws a symbol", () => withGetter(() => thrown(Symbol("s")))],
    [
      "a value whose class has no readable name",
      () => Object.defineProperty(new (class extends Map {})(), "constructor", { get: fail }),
    ],
  ])("%s", async (_, make) => {
    const { left } = openPair();
    const error = await rejectionOf(left.request("echo", { deep: [make()] }));
    expect(error).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent" });
  });
});

test("a toJSON and a getter that make requests: all of them arrive whole", async () => {
  const { left, right } = openPair();
  right.onRequest("echo", (params: unknown) => params);
  const inner: Promise<unknown>[] = [];
  const ask = (): string => {
    inner.push(left.request("echo", { text: "y".repeat(40_000) }));
    return "said";
  };
  const params = { before: "x".repeat(40_000), list: [{ toJSON: ask }, withGetter(ask)], after: 1 };
  for (let round = 0; round < 3; round++) {
    expect(await left.request("echo", params)).toEqual({ ...params, list: ["said", { gotten: "said" }] });
  }
  for (const answer of await Promise.all(inner)) expect(answer).toEqual({ text: "y".repeat(40_000) });
});
