/** Encoding runs code of the user: getters and the traps of proxies. They may throw, encode, and change what is encoded. */

import { createChannel, createMemoryByteLinks, LengthPrefixedFraming, type Channel } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { MessagePackCodec } from "../src/index.js";
import { across, decode, encode } from "./hex.js";

function withGetter(get: () => unknown): object {
  return Object.defineProperty({}, "gotten", { get, enumerable: true });
}

/** An instance of a class that has another class above it. */
function withConstructor(get: () => unknown): object {
  class Base {
    readonly base = 1;
  }
  class Derived extends Base {}
  return Object.defineProperty(new Derived(), "constructor", { get });
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const failure = new Error("not today");
const fail = (): never => {
  throw failure;
};

describe("what fails while it is encoded", () => {
  test.each<readonly [string, unknown]>([
    ["a getter that throws", withGetter(fail)],
    ["a proxy whose traps throw", new Proxy({}, { ownKeys: fail, getPrototypeOf: fail })],
    ["a proxy of an array that throws", new Proxy([1, 2], { get: fail })],
    ["an object whose constructor throws", withConstructor(fail)],
  ])("%s is ENCODE_FAILED, and its error is the cause", (_, value) => {
    expect(thrownBy(() => encode({ deep: [value] }))).toMatchObject({ code: "ENCODE_FAILED", cause: failure });
  });

  test.each<readonly [string, unknown]>([
    ["a revoked proxy", revoked({})],
    ["a revoked proxy of an array", revoked([])],
    ["a proxy of a Date", new Proxy(new Date(), {})],
    ["an object that has only the prototype of a Date", Object.create(Date.prototype)],
    ["a getter that throws a revoked proxy", withGetter(() => thrown(revoked({})))],
    ["a getter that throws an object without a text", withGetter(() => thrown(Object.create(null)))],
    ["a getter that throws a symbol", withGetter(() => thrown(Symbol("s")))],
    ["a getter that throws an error whose message is none", withGetter(() => thrown(withoutMessage()))],
  ])("%s is ENCODE_FAILED", (_, value) => {
    const error = thrownBy(() => encode([{ a: value }]));
    expect(error).toMatchObject({ code: "ENCODE_FAILED", name: "MessagePackError" });
    expect((error as Error).message).not.toBe("");
  });

  test("leaves nothing of itself to the next message", () => {
    const codec = new MessagePackCodec();
    const text = "x".repeat(5_000);
    for (let at = 0; at < 20; at++) {
      expect(() => codec.encode({ text, bytes: new Uint8Array(100_000), bad: withGetter(fail) })).toThrow("not today");
      expect(decode(encode({ at }, codec))).toEqual({ at });
    }
  });
});

function thrown(error: unknown): never {
  throw error;
}

function withoutMessage(): Error {
  return Object.defineProperty(new Error("x"), "message", { value: Symbol("s") });
}

describe("what encodes something else while it is encoded", () => {
  test.each<readonly [string, (inner: () => void) => unknown]>([
    ["a getter", (inner) => withGetter(() => (inner(), "inner"))],
    ["a proxy", (inner) => new Proxy({ gotten: "inner" }, { ownKeys: (target) => (inner(), Reflect.ownKeys(target)) })],
  ])("%s: both messages are whole", (_, make) => {
    const codec = new MessagePackCodec();
    const others: unknown[] = [];
    const inner = (): void => {
      others.push(decode(encode({ text: "y".repeat(3_000), bytes: new Uint8Array(70_000) }, codec)));
    };
    const value = {
      before: [1, "a"],
      bytes: new Uint8Array(70_000).fill(7),
      nested: make(inner),
      after: "z".repeat(3_000),
    };
    const expected = { ...value, nested: { gotten: "inner" } };
    for (let at = 0; at < 3; at++) expect(decode(encode(value, codec))).toEqual(expected);
    expect(others).toHaveLength(3);
    for (const other of others) expect(other).toEqual({ text: "y".repeat(3_000), bytes: new Uint8Array(70_000) });
  });

  test("a getter that makes a request: both requests arrive whole", async () => {
    const { left } = pair();
    const inner: Promise<unknown>[] = [];
    const nested = withGetter(() => inner.push(left.request("echo", { inner: inner.length })));
    const outer: unknown = await left.request("echo", { before: "b".repeat(2_000), nested });
    expect(outer).toEqual({ before: "b".repeat(2_000), nested: { gotten: 1 } });
    expect(await Promise.all(inner)).toEqual([{ inner: 0 }]);
  });

  test("a getter of a result that makes a request: the result and the request arrive whole", async () => {
    const { left, right } = pair();
    const inner: Promise<unknown>[] = [];
    left.onRequest("echo", (params: unknown) => params);
    right.onRequest("ask", () => ({ list: [1, withGetter(() => inner.push(right.request("echo", { a: "b" })))] }));
    expect(await left.request("ask")).toEqual({ list: [1, { gotten: 1 }] });
    expect(await Promise.all(inner)).toEqual([{ a: "b" }]);
  });
});

describe("what changes while it is encoded arrives as a whole message", () => {
  test.each<readonly [string, (list: unknown[]) => void, unknown]>([
    ["an array that grows", (list) => list.push(3, 4, 5), [{ gotten: "x" }, 2]],
    ["an array that shrinks", (list) => (list.length = 1), [{ gotten: "x" }, null]],
  ])("%s", (_, change, expected) => {
    const list: unknown[] = [];
    list.push(
      withGetter(() => (change(list), "x")),
      2,
    );
    expect(across({ list, behind: 1 })).toEqual({ list: expected, behind: 1 });
  });

  test("an array whose iterator says something else", () => {
    const list = [1, 2, 3];
    Object.defineProperty(list, Symbol.iterator, { value: () => [][Symbol.iterator]() });
    expect(across({ list, behind: 1 })).toEqual({ list: [1, 2, 3], behind: 1 });
  });

  test.each([0, 1, 15, 16, 65_535, 65_536])("arrays of %i elements have the header for it", (length) => {
    expect(across(new Array(length).fill(7))).toEqual(new Array(length).fill(7));
  });

  test("a map that loses members", () => {
    const map: Record<string, unknown> = {};
    Object.defineProperty(map, "a", { enumerable: true, get: () => delete map["b"] });
    map["b"] = 2;
    map["c"] = 3;
    expect(across([map, 1])).toEqual([{ a: true, c: 3 }, 1]);
  });
});

describe("params that are neither a map nor an array are refused by this side", () => {
  test.each<readonly [string, object]>([
    ["bytes", Uint8Array.of(1)],
    ["a Float64Array", Float64Array.of(1)],
    ["a Date", new Date(0)],
  ])("%s", async (_, params) => {
    const { left } = pair();
    const refusal = { code: "ENCODE_FAILED", message: expect.stringContaining("an object or an array") as unknown };
    await expect(left.request("echo", params)).rejects.toMatchObject(refusal);
    await expect(left.notify("echo", params)).rejects.toMatchObject(refusal);
  });
});

function pair(): { readonly left: Channel; readonly right: Channel } {
  const [near, far] = createMemoryByteLinks();
  const options = { framing: new LengthPrefixedFraming(), codec: new MessagePackCodec() };
  const channels = { left: createChannel({ link: near, ...options }), right: createChannel({ link: far, ...options }) };
  channels.right.onRequest("echo", (params: unknown) => params);
  onTestFinished(async () => {
    await Promise.all([channels.left.close(), channels.right.close()]);
  });
  return channels;
}

describe("what lies about itself", () => {
  test.each<readonly [string, unknown]>([
    ["of 2^40 elements", 2 ** 40],
    ["of -1 elements", -1],
    ["of half an element", 0.5],
    ["of no number of elements", "x"],
  ])("an array that says it is %s is refused", (_, length) => {
    const proxy = new Proxy([1], {
      get: (target, name): unknown => (name === "length" ? length : Reflect.get(target, name)),
    });
    expect(thrownBy(() => encode({ a: proxy }))).toMatchObject({ code: "ENCODE_FAILED" });
  });

  test("bytes that say they have another length are sent as they are", () => {
    const bytes = Object.defineProperties(Uint8Array.of(1, 2, 3), { length: { value: 100 } });
    expect(across([bytes, "behind"])).toEqual([Uint8Array.of(1, 2, 3), "behind"]);
    const numbers = Object.defineProperties(Float64Array.of(1), { byteLength: { value: 0 } });
    expect(across([numbers, "behind"])).toEqual([new Float64Array(0), "behind"]);
  });

  test("a date whose class says something else is sent as the time it is", () => {
    class Later extends Date {
      override getTime(): number {
        return 0.5;
      }
    }
    expect(across([new Later(5), "behind"])).toEqual([new Date(5), "behind"]);
  });

  test("a typed array whose buffer has shrunk below it is refused", () => {
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer;
    const buffer = new Resizable(16, { maxByteLength: 16 }) as ArrayBuffer & { resize: (size: number) => void };
    const view = new Uint8Array(buffer, 8, 8);
    expect(across(view)).toEqual(new Uint8Array(8));
    buffer.resize(4);
    expect(() => encode([view])).toThrow("[0]: a typed array whose buffer was transferred or shrunk");
  });
});

describe("a maxDepth beyond what the stack holds", () => {
  const deep = new MessagePackCodec({ maxDepth: 10_000_000 });

  test("lets a message that is too deep fail, and the next one arrive", () => {
    const nested: unknown[] = [];
    for (let level = 0, inner = nested; level < 1_000_000; level++) inner.push((inner = []));
    expect(thrownBy(() => encode(nested, deep))).toMatchObject({ code: "ENCODE_FAILED" });
    const frame = new Uint8Array(1_000_001).fill(0x91);
    frame[1_000_000] = 0xc0;
    expect(thrownBy(() => decode(frame, deep))).toMatchObject({ code: "MESSAGE_MALFORMED" });
    expect(decode(encode([[1]], deep), deep)).toEqual([[1]]);
  });
});
