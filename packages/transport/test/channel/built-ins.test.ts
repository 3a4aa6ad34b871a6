import { expect, test } from "vitest";
import { openPair } from "../support/channels.js";

test("a ping is answered with null, on a side that has no handlers too", async () => {
  const { left, right } = openPair();
  expect(await left.request("$/ping")).toBeNull();
  expect(await right.request("$/ping")).toBeNull();
});

test("rpc.discover lists the methods that have a handler, by name, and which of them stream", async () => {
  const { left, right } = openPair();
  right.onRequest("multiply", () => 1);
  right.onRequest("add", () => 1);
  right.onRequest("count", async function* () {
    yield 1;
  });
  expect(await left.request("rpc.discover")).toEqual({
    methods: [{ name: "add" }, { name: "count", stream: true }, { name: "multiply" }],
  });
});

test("a handler of one's own goes first, a handler for all requests does not", async () => {
  const { left, right } = openPair();
  right.onRequest(() => "fallback");
  expect(await left.request("$/ping")).toBeNull();
  right.onRequest("$/ping", () => "mine");
  expect(await left.request("$/ping")).toBe("mine");
});
