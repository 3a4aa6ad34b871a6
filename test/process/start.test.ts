import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ChannelError, createStdioChannel } from "@procwire/transport";
import { afterAll, describe, expect, test } from "vitest";
import { startFaulty } from "../support/faulty-worker.js";
import { fixture } from "../support/paths.js";
import { isAlive, rejectionOf } from "../support/wait-for.js";

const folder = mkdtempSync(join(tmpdir(), "procwire-start-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function programHead(length: number): Buffer {
  return Buffer.from(readFileSync(process.execPath).subarray(0, length));
}

/** The head of a Linux program for a processor that nobody has any more. */
function foreignProgram(): Buffer {
  const program = programHead(4096);
  program.writeUInt16LE(1, 18);
  return program;
}

function file(name: string, text: string | Buffer, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const missing = join(folder, "missing");
const plain = file("plain", "#!/bin/sh\n", 0o644);
const unmarked = file("unmarked", "touch ran-by-a-shell\n", 0o755);
const empty = file("empty", "", 0o755);
const foreign = file("foreign", foreignProgram(), 0o755);
const nameless = file("nameless", "#! \ntouch ran-by-a-shell\n", 0o755);
const behindText = file("behind-text", `#!${unmarked}\n`, 0o755);
/** The head of this system's own programs, and then commands: cut off before, in and after the table of its parts. */
const cutOff = [20, 64, 100].map((length) =>
  file(`cut-off-${length}`, Buffer.concat([programHead(length), Buffer.from("\ntouch ran-by-a-shell\n")]), 0o755),
);
const loop = join(folder, "loop");
symlinkSync(loop, loop);
const orphaned = file("orphaned", "#!/no/such/interpreter\n", 0o755);

describe.skipIf(process.platform === "win32")("a worker that can't be started rejects once, and says why", () => {
  test.each([
    ["a path that does not exist", missing, {}, /there is no such program.*ENOENT/],
    [
      "a line for a shell",
      "ls -la /tmp",
      {},
      /there is no such program \(ENOENT\)\. Put its arguments into the options: createStdioChannel\("ls", \{ args: \["-la", "\/tmp"\] \}\)\.$/,
    ],
    ["a name that is not in PATH", "procwire-no-such-program", {}, /there is no such program.*ENOENT/],
    ["a file that is not executable", plain, {}, /not executable.*EACCES/],
    ["a folder", folder, {}, /EACCES/],
    ["a missing interpreter", orphaned, {}, /interpreter.*does not/],
    ["a missing interpreter, given as a URL", pathToFileURL(orphaned), {}, /interpreter.*does not/],
    [
      "a missing working folder",
      process.execPath,
      { cwd: missing },
      /the folder .*missing \(option cwd\) does not exist/,
    ],
    ["a working folder that is a file", process.execPath, { cwd: plain }, /the folder .*plain \(option cwd\)/],
    ["a working folder in a loop of links", process.execPath, { cwd: loop }, /the folder .*loop \(option cwd\).*ELOOP/],
    [
      "a working folder whose name is too long",
      process.execPath,
      { cwd: join(folder, "x".repeat(300)) },
      /the folder .* \(option cwd\).*ENAMETOOLONG/,
    ],
    ["a path in a loop of links", loop, {}, /ELOOP/],
    ["a path below a file", join(plain, "program"), {}, /ENOTDIR/],
    ["arguments that are too large", process.execPath, { args: ["x".repeat(4_000_000)] }, /E2BIG/],
  ])("%s", async (_, command, options, message) => {
    const error = await rejectionOf(createStdioChannel(command, { ...options, stderr: "ignore" }));
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: "SPAWN_FAILED", delivery: "not-sent" });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).cause).toBeDefined();
  });
});

/** Systems may have emulators for programs of other processors. */
const formats = "/proc/sys/fs/binfmt_misc";
const hasOwnFormatsOnly = process.platform === "linux" && (!existsSync(formats) || readdirSync(formats).length <= 2);
const whyNot = hasOwnFormatsOnly ? "" : " (skipped, because this system may run programs of other formats)";

test.runIf(hasOwnFormatsOnly)(
  `a file that is no program of this system rejects and says so; no shell takes it for a script${whyNot}`,
  async () => {
    for (const [command, options] of [[unmarked], [empty], ["./empty", { cwd: folder }]] as const) {
      const failed = await rejectionOf(createStdioChannel(command, options));
      expect(failed).toMatchObject({ code: "SPAWN_FAILED", delivery: "not-sent" });
      expect((failed as Error).message).toMatch(/not a program for this system .*script without #!/);
    }
    const error = await rejectionOf(createStdioChannel(foreign));
    expect(error).toMatchObject({ code: "SPAWN_FAILED", message: expect.stringContaining(process.arch) as string });
    for (const command of [unmarked, nameless, behindText, ...cutOff]) {
      const failed = await rejectionOf(createStdioChannel(command, { cwd: folder }));
      expect(failed, command).toMatchObject({
        code: "SPAWN_FAILED",
        message: expect.stringContaining("ENOEXEC") as string,
      });
    }
    // By its name, from PATH.
    const byName = { cwd: folder, env: { PATH: `/no/such/folder:${folder}` } };
    expect(await rejectionOf(createStdioChannel("unmarked", byName))).toMatchObject({ code: "SPAWN_FAILED" });
    expect(existsSync(join(folder, "ran-by-a-shell"))).toBe(false);
  },
);

describe.skipIf(process.platform === "win32")("a program that was never heard as a worker says so at its exit", () => {
  test.each([
    [
      "and said nothing",
      "true",
      [],
      "The worker exited with code 0. Nothing has ever arrived from the worker. Is it a worker",
    ],
    [
      "and said something else",
      "echo",
      ["usage: ..."],
      "The worker exited with code 0. 11 bytes have arrived from the worker, and no message among them.",
    ],
  ])("%s", async (_, command, args, text) => {
    const channel = await createStdioChannel(command, { args, onNoise: () => undefined });
    const error = await rejectionOf(channel.request("m"));
    expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: 0, method: "m" });
    expect((error as Error).message).toContain(text);
    expect((await channel.closed).message).toContain(text);
  });
});

test("bad options are refused before anything is started", async () => {
  expect(await rejectionOf(createStdioChannel("", {}))).toBeInstanceOf(TypeError);
  expect(await rejectionOf(createStdioChannel(missing, { timeout: -1 }))).toBeInstanceOf(RangeError);
  expect(await rejectionOf(createStdioChannel(missing, { limits: { maxDepth: -1 } }))).toBeInstanceOf(RangeError);
});

test("a worker that exits at once is told by code and stderr", async () => {
  const channel = await startFaulty({ args: ["--exit-at-once"] });
  const error = await rejectionOf(channel.request("echo", { value: 1 }));
  expect(error).toMatchObject({ code: "WORKER_EXITED", exitCode: 9, signal: null, method: "echo" });
  expect((error as ChannelError).stderr).toContain("I can't work like this");
  expect((error as Error).message).toContain("I can't work like this");
});

describe("a signal", () => {
  test("that is aborted already keeps the worker from starting", async () => {
    const reason = new Error("no need");
    expect(await rejectionOf(createStdioChannel(missing, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test("that aborts during the start rejects with its reason and leaves no process", async () => {
    const controller = new AbortController();
    const start = createStdioChannel(process.execPath, {
      args: [fixture("faulty-worker.mjs")],
      signal: controller.signal,
      stderr: "ignore",
    });
    controller.abort("stop");
    expect(await rejectionOf(start)).toBe("stop");
  });

  test("that aborts later closes the channel", async () => {
    const controller = new AbortController();
    const channel = await startFaulty({ signal: controller.signal });
    const call = rejectionOf(channel.request("never"));
    controller.abort();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
    await channel.close();
    expect(isAlive(channel.pid!)).toBe(false);
  });
});

describe("what the worker gets", () => {
  test("arguments reach it as they are: no shell", async () => {
    const args = ["a b", "$HOME", "`id`", "'\"", "*", "é\n", ""];
    expect(await (await startFaulty({ args })).request<string[]>("args")).toEqual(args);
  });

  test("its working folder is the one given, as a path or a URL", async () => {
    for (const cwd of [folder, pathToFileURL(folder)]) {
      expect(await (await startFaulty({ cwd })).request<string>("cwd")).toBe(folder);
    }
  });

  const names = ["PATH", "PROCWIRE_TEST_A", "PROCWIRE_TEST_B"];

  test("variables are added to the parent's, and undefined takes one away", async () => {
    process.env["PROCWIRE_TEST_B"] = "from the parent";
    const env = { PROCWIRE_TEST_A: "a", PROCWIRE_TEST_B: undefined };
    const channel = await startFaulty({ env });
    expect(await channel.request<unknown>("env", { names })).toEqual([process.env["PATH"], "a", null]);
    const plainChannel = await startFaulty();
    expect(await plainChannel.request<unknown>("env", { names })).toEqual([
      process.env["PATH"],
      null,
      "from the parent",
    ]);
    delete process.env["PROCWIRE_TEST_B"];
  });

  test("with extendEnv false it has the given variables only", async () => {
    const channel = await startFaulty({ env: { PROCWIRE_TEST_A: "a" }, extendEnv: false });
    expect(await channel.request<unknown>("env", { names })).toEqual([null, "a", null]);
    const bare = await startFaulty({ extendEnv: false });
    expect(await bare.request<unknown>("env", { names })).toEqual([null, null, null]);
  });

  test("pid is that of the process", async () => {
    const channel = await startFaulty();
    expect(await channel.request<number>("pid")).toBe(channel.pid);
  });
});
