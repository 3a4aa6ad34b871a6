// The folder of names is used only where nobody else could have been in it, or could put another in its place.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectChannel, listen, listServices } from "@procwire/transport";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectNoTrouble } from "../support/nothing-left.js";
import { rejectionOf } from "../support/wait-for.js";
import { leaveDeadSocket } from "./support/registry.js";

expectNoTrouble();
const isRoot = process.getuid?.() === 0;
const STRANGER = 65_432;
const names = ["XDG_RUNTIME_DIR", "TMPDIR"] as const;
const before = names.map((name) => [name, process.env[name]] as const);
let runtime = "";
let registry = "";

beforeEach(() => {
  runtime = realpathSync(mkdtempSync(join(tmpdir(), "pw-")));
  registry = join(runtime, "procwire");
  process.env["XDG_RUNTIME_DIR"] = runtime;
});

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  rmSync(runtime, { recursive: true, force: true });
});

/** Everybody who looks at the folder refuses it, and says why. */
async function expectRefused(reason: string): Promise<void> {
  for (const refusing of [listen({}, { name: "a" }), connectChannel("a"), listServices()]) {
    const error = await rejectionOf(refusing);
    expect(error).toMatchObject({ code: "CONNECT_FAILED" });
    expect((error as Error).message).toContain(reason);
  }
}

describe("the folder of names is refused", () => {
  test.each([0o755, 0o777, 0o770, 0o500])("with mode %o", async (mode) => {
    mkdirSync(registry);
    chmodSync(registry, mode);
    await expectRefused(`its mode is ${mode.toString(8)}`);
    chmodSync(registry, 0o700);
    await (await listen({}, { name: "a" })).close();
  });

  test("as a symbolic link, also to a folder that would do", async () => {
    const elsewhere = join(runtime, "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, registry);
    await expectRefused("it is a symbolic link");
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("where others may write to the folder around it, and have it where that is sticky", async () => {
    mkdirSync(registry, { mode: 0o700 });
    chmodSync(runtime, 0o777);
    await expectRefused("others can replace it");
    chmodSync(runtime, 0o1777);
    await (await listen({}, { name: "a" })).close();
  });

  test.skipIf(!isRoot)("when it belongs to another user (skipped elsewhere because it needs root)", async () => {
    mkdirSync(registry, { mode: 0o700 });
    chownSync(registry, STRANGER, STRANGER);
    await expectRefused(`it belongs to another user (uid ${STRANGER})`);
  });
});

test.skipIf(!isRoot)(
  "another user gets neither to a name nor to a path of this one (skipped elsewhere because it needs root)",
  async () => {
    chmodSync(runtime, 0o755);
    const mask = process.umask(0);
    await using service = await listen({}, { name: "private" });
    await using own = await listen({}, { path: join(runtime, "own.sock") });
    process.umask(mask);
    const program = `
    const { connect } = require("node:net");
    const paths = process.argv.slice(1);
    Promise.all(paths.map((path) => new Promise((resolve) => {
      connect(path).once("error", ({ code }) => resolve(code)).once("connect", () => resolve("connected"));
    }))).then((codes) => { console.log(codes.join(" ")); process.exit(); });
  `;
    const paths = [service, own].map(({ address }) => ("path" in address ? address.path : ""));
    const asStranger = { uid: STRANGER, gid: STRANGER, encoding: "utf8", cwd: "/" } as const;
    const { stdout, error } = spawnSync(process.execPath, ["--eval", program, ...paths], asStranger);
    // Where Node itself is in a place that is closed to others, nothing is shown by this.
    if ((error as { code?: string } | undefined)?.code === "EACCES") return;
    expect(stdout.trim()).toBe("EACCES EACCES");
  },
);

test.skipIf(!isRoot)(
  "a dead socket of another user's is not taken over (skipped elsewhere because it needs root)",
  async () => {
    const path = join(runtime, "foreign.sock");
    await leaveDeadSocket(path);
    chownSync(path, STRANGER, STRANGER);
    expect(await rejectionOf(listen({}, { path }))).toMatchObject({ code: "CONNECT_FAILED" });
    expect(existsSync(path)).toBe(true);
  },
);

test("without a runtime folder it is in the temporary one, by the number of the user", async () => {
  Reflect.deleteProperty(process.env, "XDG_RUNTIME_DIR");
  process.env["TMPDIR"] = runtime;
  await using _service = await listen({}, { name: "a" });
  expect(readdirSync(join(runtime, `procwire-${process.geteuid?.()}`)).sort()).toEqual(["a.json", "a.sock"]);
  await using channel = await connectChannel("a");
  expect(channel.state).toBe("ready");
});

test("a runtime folder that is relative counts as none, and one that is not there is told", async () => {
  process.env["XDG_RUNTIME_DIR"] = join(runtime, "absent");
  const error = await rejectionOf(listen({}, { name: "a" }));
  expect((error as Error).message).toContain("does not exist (ENOENT). Check XDG_RUNTIME_DIR");
  expect(await rejectionOf(connectChannel("a"))).toMatchObject({ code: "CONNECT_FAILED" });
  expect(await listServices()).toEqual([]);
  process.env["XDG_RUNTIME_DIR"] = "relative";
  process.env["TMPDIR"] = runtime;
  await (await listen({}, { name: "a" })).close();
  expect(readdirSync(runtime)).toEqual([`procwire-${process.geteuid?.()}`]);
});

test("the longest name in the longest folder is served, by a short path elsewhere", async () => {
  const long = join(runtime, "x".repeat(100));
  mkdirSync(long, { mode: 0o700 });
  process.env["XDG_RUNTIME_DIR"] = long;
  const name = "n".repeat(63);
  await using service = await listen({ one: () => 1 }, { name });
  const path = "path" in service.address ? service.address.path : "";
  expect(path).toMatch(/^\/tmp\/procwire-\d+\/[0-9a-f]{16}\.sock$/);
  expect(existsSync(path)).toBe(true);
  expect(await listServices()).toMatchObject([{ name, address: { path } }]);
  await using channel = await connectChannel(name);
  expect(await channel.request("one")).toBe(1);
  expect(await rejectionOf(listen({}, { name }))).toMatchObject({ code: "CONNECT_FAILED" });
  await service.close();
  expect(existsSync(path)).toBe(false);
});

test("a path that is too long is refused before anything is opened, and told how long it may be", async () => {
  const path = join(runtime, "y".repeat(100));
  for (const refusing of [listen({}, { path }), connectChannel({ path })]) {
    const error = await rejectionOf(refusing);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(/at most 10[37] bytes/);
  }
  expect(readdirSync(runtime)).toEqual([]);
});

test("a descriptor that leads to something that is not a socket of this user's is not followed", async () => {
  await (await listen({}, { name: "a" })).close();
  const about = { version: 1, name: "a", pid: 1, startedAt: 1, methods: [], id: "0".repeat(32) };
  const { writeFileSync } = await import("node:fs");
  for (const path of ["/dev/null", runtime, join(runtime, "absent")]) {
    writeFileSync(join(registry, "a.json"), JSON.stringify({ ...about, address: { path } }));
    expect(await rejectionOf(connectChannel("a"))).toMatchObject({ code: "CONNECT_FAILED" });
  }
});
