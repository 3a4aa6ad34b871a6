// Options that are right: names in place of layers, what is undefined, what is inherited, and what changes its mind.

import { createStdioChannel, type FramingName, type StdioChannelOptions } from "@procwire/transport";
import { expect, test } from "vitest";
import { fixture, rustWorker, typescript } from "../support/paths.js";

test.each<[FramingName, string]>([
  ["line-delimited", "lines"],
  ["line", "lines"],
  ["length-prefixed", "length"],
  ["length", "length"],
  ["content-length", "content-length"],
])("a framing by its name, %s, is that of a Rust worker told %s", async (framing, told) => {
  const args = told === "lines" ? ["--quiet"] : ["--quiet", "--framing", told];
  await using channel = await createStdioChannel(rustWorker, { framing, codec: "json", protocol: "json-rpc", args });
  expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
});

test("an option that is undefined is an option that is absent", async () => {
  const nothing = Object.fromEntries(
    [
      "framing",
      "codec",
      "timeout",
      "limits",
      "args",
      "cwd",
      "env",
      "stderr",
      "signal",
      "shutdown",
      "spinUs",
      "guard",
    ].map((name) => [name, undefined]),
  ) as StdioChannelOptions;
  await using channel = await createStdioChannel(rustWorker, { ...nothing, args: ["--quiet"] });
  expect(await channel.request("add", { a: 1, b: 2 }, { timeout: undefined, signal: undefined })).toBe(3);
});

test("options that are inherited count, and a class may have methods beside them", async () => {
  class Settings {
    readonly args = ["--quiet"];
    helper(): void {
      // Not enumerable, so no option.
    }
  }
  const options = Object.create(new Settings(), { timeout: { value: 5_000, enumerable: true } }) as StdioChannelOptions;
  await using channel = await createStdioChannel(rustWorker, options);
  expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
});

test("options with getters are read once, those inside of them as well", async () => {
  const read: string[] = [];
  function watched<Bag extends object>(bag: Bag, prefix: string): Bag {
    return new Proxy(bag, {
      get(target, name) {
        read.push(prefix + String(name));
        return Reflect.get(target, name) as unknown;
      },
    });
  }
  const options = {
    args: ["--quiet"],
    limits: watched({ maxDepth: 9 }, "limits."),
    shutdown: watched({ graceMs: 1_000 }, "shutdown."),
  };
  await using channel = await createStdioChannel(rustWorker, watched(options, ""));
  expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
  expect(read.filter((name, at) => read.indexOf(name) !== at)).toEqual([]);
  expect(read).toContain("limits.maxDepth");
});

test("a list of arguments that changes after the call is the one that was given", async () => {
  const args = typescript(fixture("echo-worker.ts"));
  const starting = createStdioChannel(process.execPath, { args });
  args.length = 0;
  await using channel = await starting;
  expect(await channel.request("echo", { value: 1 })).toBeDefined();
});

test.each(["limits", "args", "timeout"])("a getter of %s that throws: the start rejects with that", async (name) => {
  const boom = new Error("boom");
  const options = Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw boom;
    },
  });
  await expect(createStdioChannel(rustWorker, options)).rejects.toBe(boom);
});

test("options that are a revoked proxy: the start rejects", async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  await expect(createStdioChannel(rustWorker, proxy)).rejects.toBeInstanceOf(TypeError);
});
