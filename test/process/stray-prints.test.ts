// Nothing that a Node worker prints, in whatever way, gets between its messages: under a Node parent, and where its
// stdout is a true pipe.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ContentLengthFraming,
  createStdioChannel,
  LengthPrefixedFraming,
  LineDelimitedFraming,
  type Channel,
  type StdioChannelOptions,
} from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectNothingLeft, expectNoTrouble } from "../support/nothing-left.js";
import { fixture, typescript } from "../support/paths.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";

expectNoTrouble();

const FRAMINGS = {
  line: new LineDelimitedFraming(),
  length: new LengthPrefixedFraming(),
  "content-length": new ContentLengthFraming(),
};
type FramingName = keyof typeof FRAMINGS;
const framings = Object.keys(FRAMINGS) as FramingName[];
const ways = ["console.log", "process.stdout.write", "fs.writeSync", "a child"];

interface Started {
  readonly channel: Channel;
  /** What was printed: told as noise, and written to stderr. */
  readonly prints: string[];
}

function command(framing: FramingName, ...doings: string[]): string[] {
  return typescript(fixture("printing-worker.ts"), framing, ...doings);
}

async function start(program: string, framing: FramingName, options: StdioChannelOptions): Promise<Started> {
  const prints: string[] = [];
  const channel = await createStdioChannel(program, {
    framing: FRAMINGS[framing],
    onNoise: (text) => prints.push(text),
    stderr: (line) => prints.push(line),
    ...options,
  });
  onTestFinished(() => channel.close());
  return { channel, prints };
}

function startNode(framing: FramingName, options: StdioChannelOptions = {}, ...doings: string[]): Promise<Started> {
  return start(process.execPath, framing, { args: command(framing, ...doings), ...options });
}

describe.skipIf(process.platform === "win32").each(framings)("with %s framing", (framing) => {
  test("a Node parent hears of each print, and each answer is whole", async () => {
    const { channel, prints } = await startNode(framing);
    for (const way of ways) expect(await channel.request("print", { way, text: way })).toBe("printed");
    const text = "x".repeat(1_000_000);
    expect((await channel.request<string>("echo", { value: text })) === text).toBe(true);
    await waitFor(() => prints.length === ways.length);
    expect(prints.sort()).toEqual([...ways].sort());
  });

  test("a print in the turn in which the worker starts to serve is told, and breaks nothing", async () => {
    const { channel, prints } = await startNode(framing, {}, "print-at-start", "notify-at-start");
    const started = new Promise((resolve) => channel.onNotification("started", resolve));
    expect(await channel.request("echo", { value: 1 })).toBe(1);
    await started;
    await waitFor(() => prints.length === 1);
    expect(prints).toEqual(["at the start"]);
  });

  test("a worker between two pipes prints to stderr, and each answer is whole", async () => {
    const folder = mkdtempSync(join(tmpdir(), "procwire-prints-"));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, "stderr");
    const args = ["-c", 'cat | "$0" "$@" 2>> $STDERR | cat', process.execPath, ...command(framing, "print-at-start")];
    const { channel } = await start("sh", framing, { args, env: { STDERR: file } });
    for (const way of ways) expect(await channel.request("print", { way, text: way })).toBe("printed");
    expect(await channel.request("echo", { value: 1 })).toBe(1);
    expect(readFileSync(file, "utf8").trim().split("\n")).toEqual(["at the start", ...ways]);
  });
});

describe.skipIf(process.platform === "win32")("a Node worker", () => {
  test("between two pipes prints to a stderr that is a pipe as well", async () => {
    const script = '{ cat | "$0" "$@" 2>&1 1>&4 | cat >&2; } 4>&1 | cat';
    const { channel, prints } = await start("sh", "length", {
      args: ["-c", script, process.execPath, ...command("length")],
    });
    for (const way of ways) expect(await channel.request("print", { way, text: way })).toBe("printed");
    await waitFor(() => prints.length === ways.length);
    expect(prints).toEqual(ways);
  });

  test("between two pipes whose stderr can't be opened again drops what libraries print", async () => {
    const args = ["-c", 'cat | "$0" "$@" | cat', process.execPath, ...command("length")];
    const { channel, prints } = await start("sh", "length", { args });
    for (const way of ways) expect(await channel.request("print", { way, text: way })).toBe("printed");
    expect(await channel.request("echo", { value: 1 })).toBe(1);
    await waitFor(() => prints.length === 2);
    expect(prints).toEqual(["console.log", "process.stdout.write"]);
  });

  test("prints before it serves: told as noise, and it takes the pipe for answers all the same", async () => {
    const { channel, prints } = await startNode("line", {}, "print-before");
    expect(await channel.request("print", { way: "fs.writeSync", text: '{"jsonrpc"' })).toBe("printed");
    await waitFor(() => prints.length === 2);
    expect(prints).toEqual(["before", '{"jsonrpc"']);
  });

  test("that prints without end beside its messages works on, and nothing is lost", async () => {
    const { channel, prints } = await startNode("length", { limits: { maxNoiseBytesPerMinute: 1_000 } });
    expect(await channel.request("flood", { lines: 10_000 })).toBe("flooded");
    await waitFor(() => prints.length === 10_000);
    expect(channel.stats().noiseBytes).toBe(990_000);
    expect(await channel.request("echo", { value: 1 })).toBe(1);
  });

  test("that is offered no pipe keeps its own prints out of stdout; a library's print is noise", async () => {
    const { channel, prints } = await startNode("line", { answerPipe: false });
    for (const way of ways) expect(await channel.request("print", { way, text: way })).toBe("printed");
    await waitFor(() => prints.length === ways.length);
    expect(prints.sort()).toEqual([...ways].sort());
  });

  test("hides the pipe and its variable from its children", async () => {
    const { channel } = await startNode("line");
    expect(await channel.request("variable")).toBeNull();
    expect(await channel.request("childSees")).toBe("nothing");
  });

  test("behind another program does not take what it was not given", async () => {
    const args = ["-c", '"$0" "$@"; exit $?', process.execPath, ...command("line")];
    const { channel } = await start("sh", "line", { args, answerPipe: true });
    expect(await channel.request("echo", { value: 1 })).toBe(1);
    expect(await channel.request("variable")).toBeNull();
  });

  test("whose exit comes with its last print is told by its code, and the print is heard", async () => {
    const { channel, prints } = await startNode("line");
    await channel.request("print", { way: "fs.writeSync", text: "last words" });
    expect(await rejectionOf(channel.request("exit"))).toMatchObject({ code: "WORKER_EXITED", exitCode: 3 });
    expect(prints).toEqual(["last words"]);
  });

  test.each([
    ["takes the pipe", 5, command("line", "print-at-start")],
    ["ignores the pipe", 25, [fixture("faulty-worker.mjs")]],
  ])("that %s leaves nothing of it behind, in %i starts", async (_, starts, args) => {
    const once = async (): Promise<void> => {
      const channel = await createStdioChannel(process.execPath, { args, onNoise: () => undefined });
      expect(await channel.request("echo", { value: 1 })).toBe(1);
      await channel.close();
    };
    await once();
    const expectNothing = expectNothingLeft();
    for (let round = 0; round < starts; round++) await once();
    await expectNothing();
  });
});
