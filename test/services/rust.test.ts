// Services and clients in Rust, by names: the same rules, and any pair of the two languages.

import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectChannel, listen, listServices } from "@procwire/transport";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { expectNoTrouble } from "../support/nothing-left.js";
import { fixture } from "../support/paths.js";
import { ServiceProcess } from "../support/service-process.js";
import { rejectionOf } from "../support/wait-for.js";
import { leaveDeadSocket, useOwnRegistry } from "./support/registry.js";
import { startServiceProcess } from "./support/service-process.js";

expectNoTrouble();
const folder = useOwnRegistry();
const isRoot = process.getuid?.() === 0;
const STRANGER = 65_432;

describe("a service in Rust", () => {
  test("is found by its name, listed while it lives, asks its client, and is gone when it has closed", async () => {
    const service = await startServiceProcess("Rust");
    const path = join(folder.registry, "rusty.sock");
    expect(await service.tell({ do: "listen", options: { name: "rusty" } })).toEqual({ listening: { path } });
    for (const file of ["rusty.sock", "rusty.json"]) {
      expect(statSync(join(folder.registry, file)).mode & 0o777).toBe(0o600);
    }
    const channel = await connectChannel("rusty");
    onTestFinished(() => channel.close());
    channel.onRequest("name", () => "TypeScript");
    expect(await channel.request("greet", [])).toBe("hello TypeScript");
    expect(channel.pid).toBe(service.pid);
    const items: unknown[] = [];
    for await (const item of channel.stream("count", [3])) items.push(item);
    expect(items).toEqual([1, 2, 3]);
    const [info, ...others] = await listServices();
    expect(others).toEqual([]);
    expect(info).toMatchObject({ name: "rusty", pid: service.pid, address: { path } });
    expect(info?.methods).toEqual(["add", "count", "echo", "greet", "never", "pid"]);
    expect(Math.abs(Date.now() - (info?.startedAt ?? 0))).toBeLessThan(30_000);
    expect(await service.tell({ do: "close" })).toEqual({ closed: true });
    expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(folder.files("rusty")).toEqual([]);
  });

  test("that was killed is not listed, and its name goes to the next, in the other language and back", async () => {
    for (const language of ["Rust", "TypeScript", "Rust"] as const) {
      const service = await startServiceProcess(language);
      expect(await service.tell({ do: "listen", options: { name: "heirs" } })).toHaveProperty("listening");
      await using channel = await connectChannel("heirs");
      expect(await channel.request("pid", [])).toBe(service.pid);
      await service.kill();
      expect(await listServices()).toEqual([]);
    }
  });

  test("takes no client without its token or its certificate, and serves one that has them", async () => {
    const service = await startServiceProcess("Rust");
    const pem = (name: string): string => readFileSync(fixture(`certificates/${name}.pem`), "utf8");
    const tls = { cert: pem("service"), key: pem("service.key"), ca: pem("authority") };
    const { listening } = await service.tell({ do: "listen", options: { port: 0, token: "secret", tls } });
    const at = listening as { readonly port: number };
    const own = { ca: tls.ca, cert: pem("client"), key: pem("client.key") };
    await using channel = await connectChannel({ ...at, token: "secret", tls: own });
    expect(await channel.request("add", [40, 2])).toBe(42);
    for (const wrong of [{ token: "secret", tls: { ca: tls.ca } }, { token: "guess", tls: own }, { token: "secret" }]) {
      expect(await rejectionOf(connectChannel({ ...at, ...wrong }))).toMatchObject({ code: "CONNECT_FAILED" });
    }
  });
});

describe("a client in Rust", () => {
  test("finds a service in TypeScript by its name, calls it, is asked by it, and lists it", async () => {
    const client = await startServiceProcess("Rust");
    expect(await client.tell({ do: "connect", options: { name: "typed" } })).toMatchObject({ code: "CONNECT_FAILED" });
    await using _service = await listen(
      {
        add: ([a, b]: readonly [number, number]) => a + b,
        greet: async (_params: unknown, context) => `hello ${await context.request<string>("name", [])}`,
      },
      { name: "typed" },
    );
    const connected = await client.tell({ do: "connect", options: { name: "typed" } });
    expect(connected).toEqual({ connected: true, pid: process.pid });
    expect(await client.tell({ do: "call", method: "add", params: [40, 2] })).toEqual({ result: 42 });
    expect(await client.tell({ do: "call", method: "greet", params: [] })).toEqual({ result: "hello Rust" });
    const address = { path: join(folder.registry, "typed.sock") };
    const services = [{ name: "typed", pid: process.pid, methods: ["add", "greet"], address }];
    expect(await client.tell({ do: "list" })).toEqual({ services });
  });

  test("goes on when its service is replaced by one in the other language", async () => {
    const client = await startServiceProcess("Rust");
    let service = await startServiceProcess("TypeScript");
    await service.tell({ do: "listen", options: { name: "relay" } });
    expect(await client.tell({ do: "connect", options: { name: "relay", restart: true } })).toMatchObject({
      connected: true,
    });
    for (const language of ["Rust", "TypeScript"] as const) {
      await service.kill();
      service = await startServiceProcess(language);
      await service.tell({ do: "listen", options: { name: "relay" } });
      let told = await client.tell({ do: "call", method: "pid", params: [] });
      // What was sent before the loss was noticed is unknown, and told so.
      if (told.error !== undefined) told = await client.tell({ do: "call", method: "pid", params: [] });
      expect(told).toEqual({ result: service.pid });
    }
  });
});

test("of two starts of one name in two languages exactly one wins, and the other hears of it: 20 rounds", async () => {
  const contenders = await Promise.all([startServiceProcess("Rust"), startServiceProcess("TypeScript")]);
  mkdirSync(folder.registry, { recursive: true, mode: 0o700 });
  for (let round = 0; round < 20; round++) {
    if (round % 2 === 1) await leaveDeadSocket(join(folder.registry, "raced.sock"));
    if (round % 4 === 2) await leaveDeadSocket(join(folder.registry, "raced.sock.0a1b2c3d"));
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

describe("Rust refuses the folder of names", () => {
  let runtime = "";
  afterEach(() => rmSync(runtime, { recursive: true, force: true }));

  /** What each says that uses a folder which was made so. */
  async function refusals(make: (registry: string) => void, parent?: string): Promise<string[]> {
    runtime = realpathSync(mkdtempSync(join(tmpdir(), "pw-")));
    make(join(runtime, "procwire"));
    const before = process.env["XDG_RUNTIME_DIR"];
    process.env["XDG_RUNTIME_DIR"] = parent ?? runtime;
    const peer = new ServiceProcess("Rust");
    process.env["XDG_RUNTIME_DIR"] = before;
    onTestFinished(() => peer.kill());
    const said: string[] = [];
    for (const action of ["listen", "connect", "list"]) {
      const told = await peer.tell({ do: action, options: { name: "a" } });
      expect(told).toMatchObject({ code: "CONNECT_FAILED" });
      said.push(told.error ?? "");
    }
    return said;
  }

  const all = (text: string): unknown[] => Array.from({ length: 3 }, () => expect.stringContaining(text) as unknown);

  test("with a mode that lets others in", async () => {
    const make = (registry: string): void => {
      mkdirSync(registry);
      chmodSync(registry, 0o755);
    };
    expect(await refusals(make)).toEqual(all("its mode is 755"));
  });

  test("as a symbolic link, also to a folder that would do", async () => {
    const make = (registry: string): void => {
      mkdirSync(`${registry}.real`, { mode: 0o700 });
      symlinkSync(`${registry}.real`, registry);
    };
    expect(await refusals(make)).toEqual(all("it is a symbolic link"));
  });

  test("where others may write to the folder around it", async () => {
    const make = (registry: string): void => {
      mkdirSync(registry, { mode: 0o700 });
      chmodSync(join(registry, ".."), 0o777);
    };
    expect(await refusals(make)).toEqual(all("others can replace it"));
  });

  test.skipIf(!isRoot)("when it belongs to another user (skipped elsewhere because it needs root)", async () => {
    const make = (registry: string): void => {
      mkdirSync(registry, { mode: 0o700 });
      chownSync(registry, STRANGER, STRANGER);
    };
    expect(await refusals(make)).toEqual(all(`it belongs to another user (uid ${STRANGER})`));
  });
});

test("the longest name in the longest folder is served by a short path, which both languages find", async () => {
  const long = join(folder.path, "x".repeat(100));
  mkdirSync(long, { mode: 0o700 });
  process.env["XDG_RUNTIME_DIR"] = long;
  onTestFinished(() => void (process.env["XDG_RUNTIME_DIR"] = folder.path));
  const name = "r".repeat(63);
  const rust = await startServiceProcess("Rust");
  const { listening } = await rust.tell({ do: "listen", options: { name } });
  expect((listening as { readonly path: string }).path).toMatch(/^\/tmp\/procwire-\d+\/[0-9a-f]{16}\.sock$/);
  await using channel = await connectChannel(name);
  expect(await channel.request("add", [1, 1])).toBe(2);
  expect(await rejectionOf(listen({}, { name }))).toMatchObject({ code: "CONNECT_FAILED" });
  await rust.tell({ do: "close" });
  await using _heir = await listen({ one: () => 1 }, { name });
  expect(await rust.tell({ do: "connect", options: { name } })).toMatchObject({ connected: true });
});

test("a descriptor that leads to something that is no socket of this user's is not followed by Rust", async () => {
  await (await listen({}, { name: "led" })).close();
  const client = await startServiceProcess("Rust");
  const about = { version: 1, name: "led", pid: 1, startedAt: 1, methods: [], id: "0".repeat(32) };
  for (const path of ["/dev/null", folder.path, join(folder.path, "absent")]) {
    writeFileSync(join(folder.registry, "led.json"), JSON.stringify({ ...about, address: { path } }));
    expect(await client.tell({ do: "connect", options: { name: "led" } })).toMatchObject({ code: "CONNECT_FAILED" });
  }
  rmSync(join(folder.registry, "led.json"));
});
