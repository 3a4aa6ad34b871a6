// Services by name, in processes of their own.

import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectChannel, listen, listServices } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { expectNoTrouble, expectNothingLeft } from "../support/nothing-left.js";
import { rejectionOf } from "../support/wait-for.js";
import { leaveDeadSocket, useOwnRegistry } from "./support/registry.js";
import { startServiceProcess } from "./support/service-process.js";

expectNoTrouble();
const folder = useOwnRegistry();

test("a service in another process is found by its name, listed while it lives, and gone when it has closed", async () => {
  const expectGone = expectNothingLeft();
  const service = await startServiceProcess();
  expect(await service.tell({ do: "listen", options: { name: "math" } })).toMatchObject({
    listening: { path: join(folder.registry, "math.sock") },
  });
  await using channel = await connectChannel("math");
  expect(await channel.request("add", { a: 2, b: 40 })).toBe(42);
  expect(channel.pid).toBe(service.pid);
  channel.onRequest("name", () => "client");
  expect(await channel.request("greet")).toBe("hello client");
  const [info, ...others] = await listServices();
  expect(others).toEqual([]);
  expect(info).toMatchObject({ name: "math", pid: service.pid, address: { path: join(folder.registry, "math.sock") } });
  expect(info?.methods).toEqual(["add", "count", "echo", "greet", "later", "never", "note", "pid"]);
  expect(Math.abs(Date.now() - (info?.startedAt ?? 0))).toBeLessThan(30_000);
  expect(await service.tell({ do: "close" })).toEqual({ closed: true });
  expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  expect(await listServices()).toEqual([]);
  expect(folder.files("math")).toEqual([]);
  await service.kill();
  await expectGone();
});

test("a name that is taken rejects with who holds it, and leaves the holder alone", async () => {
  const service = await startServiceProcess();
  await service.tell({ do: "listen", options: { name: "taken" } });
  const error = await rejectionOf(listen({}, { name: "taken" }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent" });
  expect((error as Error).message).toContain(`the pid ${service.pid}`);
  await using channel = await connectChannel("taken");
  expect(await channel.request("pid")).toBe(service.pid);
  expect(folder.files("taken")).toEqual(["taken.json", "taken.sock"]);
});

test("the files of a name are its owner's alone, whatever the umask", async () => {
  const before = process.umask(0);
  try {
    await using _service = await listen({}, { name: "private" });
    await using _other = await listen({}, { path: join(folder.path, "own.sock") });
    const modeOf = (path: string): number => statSync(path).mode & 0o777;
    expect(modeOf(folder.registry)).toBe(0o700);
    expect(modeOf(join(folder.registry, "private.sock"))).toBe(0o600);
    expect(modeOf(join(folder.registry, "private.json"))).toBe(0o600);
    expect(modeOf(join(folder.path, "own.sock"))).toBe(0o600);
  } finally {
    expect(process.umask(before)).toBe(0);
  }
});

test.each([
  ["a name", { name: "stale" }],
  ["a path", { path: join(folder.path, "stale.sock") }],
])("%s whose service was killed is not listed, fails at once, and is taken over by the next", async (_, options) => {
  const first = await startServiceProcess();
  expect(await first.tell({ do: "listen", options })).toHaveProperty("listening");
  await first.kill();
  expect(await listServices()).toEqual([]);
  const target = "name" in options ? options.name : options;
  expect(await rejectionOf(connectChannel(target))).toMatchObject({ code: "CONNECT_FAILED" });
  const second = await startServiceProcess();
  expect(await second.tell({ do: "listen", options })).toHaveProperty("listening");
  await using channel = await connectChannel(target);
  expect(await channel.request("pid")).toBe(second.pid);
});

test("of two starts of one name exactly one wins, and the other hears of it: 50 rounds, half of them over a dead socket", async () => {
  const contenders = await Promise.all([startServiceProcess(), startServiceProcess()]);
  mkdirSync(folder.registry, { recursive: true, mode: 0o700 });
  for (let round = 0; round < 50; round++) {
    if (round % 2 === 1) await leaveDeadSocket(join(folder.registry, "raced.sock"));
    const at = Date.now() + 10 + (round % 3);
    const told = await Promise.all(
      contenders.map((contender) => contender.tell({ do: "listen", at, options: { name: "raced" } })),
    );
    const winners = contenders.filter((_, index) => told[index]?.listening !== undefined);
    expect(winners, JSON.stringify(told)).toHaveLength(1);
    const lost = told.find(({ error }) => error !== undefined);
    expect(lost).toMatchObject({ code: "CONNECT_FAILED" });
    expect(lost?.error).toContain(`the pid ${winners[0]?.pid}`);
    expect((await listServices()).map(({ pid }) => pid)).toEqual([winners[0]?.pid]);
    await winners[0]?.tell({ do: "close" });
    expect(folder.files("raced")).toEqual([]);
  }
});

test("of twenty starts in one process exactly one wins", async () => {
  const path = join(folder.path, "many.sock");
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => listen({}, { path })));
  const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(winners).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(String(outcome.reason)).toContain(`the pid ${process.pid}`);
  }
  await winners[0]?.value.close();
});

test("what a start has left that was killed is removed by the next one", async () => {
  mkdirSync(folder.registry, { recursive: true, mode: 0o700 });
  await leaveDeadSocket(join(folder.registry, "left.sock.0a1b2c3d"));
  writeFileSync(join(folder.registry, "left.json.new"), "{ half");
  writeFileSync(join(folder.registry, "left.json"), '{"version":1,"name":"left","pid":1');
  expect(await rejectionOf(connectChannel("left"))).toMatchObject({ code: "CONNECT_FAILED" });
  await using service = await listen({}, { name: "left" });
  expect(folder.files("left")).toEqual(["left.json", "left.sock"]);
  await service.close();
  expect(folder.files("left")).toEqual([]);
});

test("a process id that somebody else has by now keeps nobody out", async () => {
  mkdirSync(folder.registry, { recursive: true, mode: 0o700 });
  const socket = join(folder.registry, "recycled.sock");
  const about = { version: 1, name: "recycled", pid: process.pid, startedAt: 1, methods: [], id: "0".repeat(32) };
  writeFileSync(join(folder.registry, "recycled.json"), JSON.stringify({ ...about, address: { path: socket } }));
  await leaveDeadSocket(socket);
  expect(await listServices()).toEqual([]);
  await using _service = await listen({}, { name: "recycled" });
  expect(await listServices()).toMatchObject([{ name: "recycled", pid: process.pid }]);
});

describe("a service that closes", () => {
  test("leaves a file alone that is not its own any more", async () => {
    const first = await listen({}, { name: "moved" });
    renameSync(join(folder.registry, "moved.sock"), join(folder.registry, "elsewhere"));
    const second = await listen({ who: () => 2 }, { name: "moved" });
    await first.close();
    await using channel = await connectChannel("moved");
    expect(await channel.request("who")).toBe(2);
    await second.close();
    expect(folder.files("moved")).toEqual([]);
  });

  test("frees its name while its last requests still run", async () => {
    const first = await listen(
      { slow: () => new Promise((resolve) => setTimeout(resolve, 100, "old")) },
      { name: "next" },
    );
    await using old = await connectChannel("next");
    const running = old.request("slow");
    await old.request("$/ping");
    const closing = first.close();
    await using _second = await listen({ slow: () => "new" }, { name: "next" });
    await using fresh = await connectChannel("next");
    expect(await fresh.request("slow")).toBe("new");
    expect(await running).toBe("old");
    await closing;
  });
});

test("a path with a file that is no socket is refused, and the file stays", async () => {
  const path = join(folder.path, "precious.txt");
  writeFileSync(path, "precious");
  expect(await rejectionOf(listen({}, { path }))).toMatchObject({ code: "CONNECT_FAILED" });
  expect(readFileSync(path, "utf8")).toBe("precious");
});
