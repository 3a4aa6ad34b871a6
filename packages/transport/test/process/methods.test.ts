import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { openWithPeer } from "../support/channels.js";
import { methodsOf, type Methods } from "../../src/node/own/methods.js";

class Calculator {
  add(): number {
    return 1;
  }
}

class Arrows {
  add = (): number => 1;
}

const add = (): number => 1;

describe("methods to be served", () => {
  test.each([
    ["a plain object", { add }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { add })],
    ["an object of another realm", Object.assign(runInNewContext("({})") as object, { add })],
    ["a Map", new Map([["add", add]])],
  ])("are those of %s", (_, methods) => {
    expect(methodsOf(methods as Methods, "serveStdio")).toEqual([["add", add]]);
  });

  test("are the functions that a module exports", async () => {
    const names = methodsOf(await import("./methods.fixture.js"), "serveStdio").map(([name]) => name);
    expect(names).toEqual(["add", "subtract"]);
  });

  test("may be none, and are served under names that objects have", () => {
    expect(methodsOf({}, "serveStdio")).toEqual([]);
    expect(methodsOf({ toString: add, constructor: add }, "serveStdio")).toHaveLength(2);
  });

  test.each([
    ["an instance of a class", new Calculator(), /an instance of Calculator.*name each method/],
    ["an instance with functions of its own", new Arrows(), /an instance of Arrows/],
    ["an object made of another", Object.create({ add }) as object, /plain object or a Map/],
    ["an array", [add], /an instance of Array/],
    ["a Set", new Set([add]), /an instance of Set/],
    ["a function", add, /a value of type function/],
    ["a class", Calculator, /a value of type function/],
    ["nothing", undefined, /a value of type undefined/],
    ["null", null, /null/],
    ["an object with a value that is no function", { add, version: 5 }, /"version" is a value of type number/],
    [
      "a Map with a value that is no function",
      new Map<string, unknown>([["add", {}]]),
      /"add" is an instance of Object/,
    ],
    [
      "a Map with a name that is no string",
      new Map<unknown, unknown>([[5, add]]),
      /name is a string, not a value of type number/,
    ],
  ])("are refused as %s, with what to do", (_, given, message) => {
    expect(() => methodsOf(given as Methods, "serveStdio")).toThrow(TypeError);
    expect(() => methodsOf(given as Methods, "serveStdio")).toThrow(message);
  });
});

test.each([5, undefined, null, new Map([["add", add]]), { add }])(
  "onRequest and onNotification refuse %o as a method",
  (method) => {
    const { channel } = openWithPeer();
    expect(() => channel.onRequest(method as unknown as string, add)).toThrow(/onRequest needs the name of a method/);
    expect(() => channel.onNotification(method as unknown as string, add)).toThrow(/onNotification needs/);
  },
);
