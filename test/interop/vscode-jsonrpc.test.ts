import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import {
  CancellationTokenSource,
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { ContentLengthFraming, createStdioChannel, RpcError } from "@procwire/transport";
import { fixture, root, typescript } from "../support/paths.js";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const RUST_WORKER = join(root, "rust-worker/target/release/rust-worker");

describe("our channel, a worker made with vscode-jsonrpc", () => {
  const open = () =>
    createStdioChannel(process.execPath, {
      args: typescript(fixture("vscode-jsonrpc-worker.ts")),
      framing: new ContentLengthFraming(),
      timeout: 10_000,
    });

  test("results, positional params, errors with data, and a handler that returns nothing", async () => {
    await using channel = await open();
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
    expect(await channel.request("positional", [1, "zwei"])).toEqual([1, "zwei"]);
    expect(await channel.request("nothing")).toBeNull();
    const failure: unknown = await channel.request("fail").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RpcError);
    expect(failure).toMatchObject({ code: -32001, message: "it failed", data: { why: "asked to" } });
    await expect(channel.request("missing")).rejects.toMatchObject({ code: -32601 });
  });

  test("many requests at once, and texts of every width", async () => {
    await using channel = await open();
    const texts = Array.from({ length: 300 }, (_, index) => "aé€😀".repeat(index));
    const answers = await Promise.all(texts.map((message) => channel.request<string>("echo", { message })));
    expect(answers).toEqual(texts);
  });

  test("requests that the worker sends back to us", async () => {
    await using channel = await open();
    channel.onRequest("double", ({ n }: { n: number }) => n * 2);
    expect(await channel.request("ask", { method: "double", params: { n: 21 } })).toBe(42);
  });

  test("a request that is cancelled here is cancelled there", async () => {
    await using channel = await open();
    const controller = new AbortController();
    const cancelled = new Promise<void>((resolve) => channel.onNotification("cancelled", () => resolve()));
    channel.onNotification("waiting", () => controller.abort(new Error("enough")));
    await expect(channel.request("wait", {}, { signal: controller.signal })).rejects.toThrow("enough");
    await cancelled;
  });
});

test("a language server made with vscode-jsonrpc: tens of thousands of calls, none answered by another's answer", async () => {
  await using channel = await createStdioChannel(process.execPath, {
    args: typescript(fixture("vscode-jsonrpc-worker.ts")),
    framing: new ContentLengthFraming(),
  });
  const total = Number(process.env["PROCWIRE_SOAK_CALLS"] ?? 5_000);
  for (let from = 0; from < total; from += 500) {
    const calls = Array.from({ length: 500 }, (_, at) => from + at);
    const sums = await Promise.all(calls.map((a) => channel.request<number>("add", { a, b: 1 })));
    expect(sums.findIndex((sum, at) => sum !== from + at + 1)).toBe(-1);
  }
});

describe("a client made with vscode-jsonrpc, our workers", () => {
  const connect = (command: string, args: readonly string[]): MessageConnection => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.listen();
    return connection;
  };
  const nodeWorker = typescript(fixture("content-length-worker.ts"));

  test.each([
    ["the Rust worker", RUST_WORKER, ["--framing", "content-length", "--quiet"]],
    ["a worker made with serveStdio", process.execPath, nodeWorker],
  ])("%s answers results and errors", async (_, command, args) => {
    const connection = connect(command, args);
    expect(await connection.sendRequest("add", { a: 40, b: 2 })).toBe(42);
    expect(await connection.sendRequest("echo", { message: "aé€😀" })).toBe("aé€😀");
    const failure: unknown = await connection.sendRequest("missing", {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ResponseError);
    expect(failure).toMatchObject({ code: -32601 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (__, a) => connection.sendRequest("add", { a, b: 1 })),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (__, a) => a + 1));
    connection.dispose();
  });

  test("the Rust worker hears a cancellation while it computes", async () => {
    const connection = connect(RUST_WORKER, ["--framing", "content-length", "--quiet"]);
    const source = new CancellationTokenSource();
    const call = connection
      .sendRequest("fibonacci_recursive", { n: 80 }, source.token)
      .catch((error: unknown) => error);
    source.cancel();
    expect(await call).toMatchObject({ code: -32800 });
    connection.dispose();
  });
});
