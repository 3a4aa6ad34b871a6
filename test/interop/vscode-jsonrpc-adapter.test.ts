// vscode-jsonrpc over a channel of ours: its engine, our processes, framings and limits.

import { workerCommand } from "@procwire/faults";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import { jsonRpc, type StdioChannelOptions } from "@procwire/transport";
import { openMessageTransports, type MessageTransports } from "@procwire/vscode-jsonrpc";
import { describe, expect, onTestFinished, test } from "vitest";
import { CancellationTokenSource, createMessageConnection, type MessageConnection } from "vscode-jsonrpc/node";
import {
  CompletionRequest,
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  type Diagnostic,
} from "vscode-languageserver-protocol/node";
import { fixture, rustWorker, typescript } from "../support/paths.js";
import { programOf } from "../support/peers.js";
import { isAlive, waitFor } from "../support/wait-for.js";

interface Connected extends MessageTransports {
  readonly connection: MessageConnection;
}

async function connect(
  command: string,
  args: readonly string[],
  options: StdioChannelOptions = {},
): Promise<Connected> {
  const transports = await openMessageTransports(command, { args, stderr: "ignore", dialect: jsonRpc, ...options });
  const connection = createMessageConnection(transports.reader, transports.writer);
  connection.listen();
  onTestFinished(async () => {
    connection.dispose();
    await transports.channel.closed;
  });
  return { ...transports, connection };
}

const fault = (name: string, after = 1) => workerCommand(name, { framing: "line", after });

test("a language server: initialize, diagnostics, completion, shutdown, exit; then it is gone", async () => {
  const args = [programOf("vscode-langservers-extracted", "vscode-css-language-server"), "--stdio"];
  const { reader, writer, channel } = await openMessageTransports(process.execPath, { args, stderr: "ignore" });
  const connection = createProtocolConnection(reader, writer);
  const seen: Diagnostic[] = [];
  connection.onNotification(PublishDiagnosticsNotification.type, ({ diagnostics }) => void seen.push(...diagnostics));
  connection.listen();
  const textDocumentCan = { completion: { completionItem: { snippetSupport: true } } };
  const hello = { processId: process.pid, rootUri: null, capabilities: { textDocument: textDocumentCan } };
  const { capabilities } = await connection.sendRequest(InitializeRequest.type, hello);
  expect(capabilities.completionProvider).toBeDefined();
  await connection.sendNotification(InitializedNotification.type, {});
  const uri = "file:///example/a.css";
  const textDocument = { uri, languageId: "css", version: 1, text: "a { width: 1px; col }" };
  await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  const position = { line: 0, character: 19 };
  const found = await connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
  const items = Array.isArray(found) ? found : (found?.items ?? []);
  expect(items.map(({ label }) => label)).toContain("color");
  await waitFor(() => seen.length > 0);
  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", exitCode: 0 });
});

describe("a worker made with vscode-jsonrpc", () => {
  const open = () =>
    connect(process.execPath, typescript(fixture("vscode-jsonrpc-worker.ts")), { framing: "content-length" });

  test("results, errors with data, positional params, and requests of the worker", async () => {
    const { connection } = await open();
    connection.onRequest("double", ({ n }: { n: number }) => n * 2);
    expect(await connection.sendRequest("add", { a: 1, b: 2 })).toBe(3);
    expect(await connection.sendRequest("positional", 1, "zwei")).toEqual([1, "zwei"]);
    await expect(connection.sendRequest("fail")).rejects.toMatchObject({ code: -32001, data: { why: "asked to" } });
    await expect(connection.sendRequest("missing")).rejects.toMatchObject({ code: -32601 });
    expect(await connection.sendRequest("ask", { method: "double", params: { n: 21 } })).toBe(42);
    const sums = await Promise.all(Array.from({ length: 300 }, (_, a) => connection.sendRequest("add", { a, b: 1 })));
    expect(sums).toEqual(Array.from({ length: 300 }, (_, a) => a + 1));
  });

  test("a request that is cancelled here is cancelled there", async () => {
    const { connection } = await open();
    const source = new CancellationTokenSource();
    const cancelled = new Promise<void>((resolve) => connection.onNotification("cancelled", () => resolve()));
    connection.onNotification("waiting", () => source.cancel());
    await expect(connection.sendRequest("wait", {}, source.token)).rejects.toMatchObject({ code: -32800 });
    await cancelled;
  });
});

describe.each([
  ["lines", []],
  ["MessagePack", ["msgpack"]],
])("vscode-jsonrpc at both ends, over %s", (_, args) => {
  const options: StdioChannelOptions =
    args.length > 0 ? { framing: "length-prefixed", codec: new MessagePackCodec() } : { framing: "line-delimited" };

  test("requests and notifications both ways", async () => {
    const { connection } = await connect(process.execPath, typescript(fixture("relayed-worker.ts"), ...args), options);
    connection.onRequest("double", ({ n }: { n: number }) => n * 2);
    const heard = new Promise((resolve) => connection.onNotification("heard", resolve));
    await connection.sendNotification("hello", { text: "aé€😀" });
    expect(await connection.sendRequest("add", { a: 40, b: 2 })).toBe(42);
    expect(await connection.sendRequest("ask")).toBe(42);
    expect(await heard).toEqual({ text: "aé€😀" });
  });
});

test("the Rust worker, over MessagePack", async () => {
  const args = ["--framing", "length", "--codec", "msgpack", "--quiet"];
  const { connection } = await connect(rustWorker, args, { framing: "length", codec: new MessagePackCodec() });
  expect(await connection.sendRequest("add", { a: 40, b: 2 })).toBe(42);
});

describe("a worker that misbehaves", () => {
  test("exits: its requests reject with the exit code, and the connection closes", async () => {
    const { command, args } = fault("exit=3");
    const { connection, channel } = await connect(command, args);
    const closed = new Promise<void>((resolve) => connection.onClose(resolve));
    await connection.sendRequest("any");
    const failure: unknown = await connection.sendRequest("any").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: -32097, data: { code: "WORKER_EXITED", exitCode: 3, delivery: "unknown" } });
    expect(String(failure)).toContain("exited with code 3");
    await closed;
    expect(await channel.closed).toMatchObject({ exitCode: 3 });
  });

  test("prints between its messages: they are read all the same", async () => {
    const printed: string[] = [];
    const { command, args } = fault("print");
    const { connection } = await connect(command, args, { onNoise: (text) => printed.push(text) });
    await connection.sendRequest("any");
    await connection.sendRequest("any");
    expect(printed).not.toEqual([]);
  });

  test("answers with more than is allowed: that request rejects, and the connection lives", async () => {
    const { command, args } = fault("large=3000000");
    const { connection, channel } = await connect(command, args, { limits: { maxMessageBytes: 1_000_000 } });
    await connection.sendRequest("any");
    await expect(connection.sendRequest("any")).rejects.toMatchObject({ data: { code: "MESSAGE_TOO_LARGE" } });
    expect(channel.state).toBe("ready");
  });

  test("ignores SIGTERM: disposing of the connection ends it nevertheless", async () => {
    const { command, args } = fault("stubborn", 0);
    const { connection, channel } = await connect(command, args, { shutdown: { graceMs: 50, termMs: 50 } });
    const { pid = 0 } = channel;
    connection.dispose();
    await channel.close();
    expect(isAlive(pid)).toBe(false);
  });

  test("a message that can't be read is told of by onError", async () => {
    const { command, args } = fault("invalid-utf8");
    const { connection } = await connect(command, args);
    await connection.sendRequest("any");
    await expect(connection.sendRequest("any")).rejects.toMatchObject({ data: { code: "MESSAGE_MALFORMED" } });
  });
});

test("what can't be sent rejects at once, and onError of the connection hears of it", async () => {
  const { connection } = await connect(process.execPath, typescript(fixture("relayed-worker.ts")));
  const errors: unknown[] = [];
  connection.onError(([error]) => void errors.push(error));
  await expect(connection.sendRequest("add", { a: 1n })).rejects.toMatchObject({ data: { code: "ENCODE_FAILED" } });
  await expect(connection.sendNotification("hello", { a: 1n })).rejects.toMatchObject({ code: "ENCODE_FAILED" });
  expect(errors).toMatchObject([{ code: "ENCODE_FAILED" }]);
});

test("a server that can't be started rejects with the reason", async () => {
  await expect(openMessageTransports("no-such-server")).rejects.toMatchObject({ code: "SPAWN_FAILED" });
});

test("nothing can be sent before listen, and the error says so", async () => {
  const { writer, channel } = await openMessageTransports(rustWorker, { args: ["--quiet"], dialect: jsonRpc });
  await expect(writer.write({ jsonrpc: "2.0" })).rejects.toThrow("Call listen()");
  writer.end();
  expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
});
