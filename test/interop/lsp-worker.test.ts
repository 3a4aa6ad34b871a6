// A client made with vscode-jsonrpc, a language server made with serveStdio.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import {
  CancellationTokenSource,
  createMessageConnection,
  ProgressType,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { fixture, typescript } from "../support/paths.js";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(): { readonly connection: MessageConnection; readonly exited: Promise<unknown> } {
  const child = spawn(process.execPath, typescript(fixture("lsp-worker.ts")), { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const exited = once(child, "exit").then(([code]: unknown[]) => code);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  return { connection, exited };
}

test("the order of the protocol, progress, partial results, a cancel, requests of the server, and exit after shutdown", async () => {
  const { connection, exited } = start();
  await expect(connection.sendRequest("work", {})).rejects.toMatchObject({ code: -32002 });
  expect(await connection.sendRequest("initialize", {})).toEqual({ capabilities: {} });
  const seen: unknown[] = [];
  connection.onProgress(new ProgressType<unknown>(), "work", (value) => void seen.push(value));
  expect(await connection.sendRequest("work", { workDoneToken: "work" })).toBe("done");
  expect(seen).toEqual([{ kind: "begin", title: "Working" }, { kind: "end" }]);
  const parts: unknown[] = [];
  connection.onProgress(new ProgressType<unknown[]>(), "parts", (value) => void parts.push(...value));
  await connection.sendRequest("symbols", { partialResultToken: "parts" });
  expect(parts).toEqual(["a", "b"]);
  expect(await connection.sendRequest("symbols", {})).toEqual(["a", "b"]);
  const source = new CancellationTokenSource();
  connection.onNotification("waiting", () => source.cancel());
  await expect(connection.sendRequest("wait", {}, source.token)).rejects.toMatchObject({ code: -32800 });
  connection.onRequest("workspace/configuration", () => ["configured"]);
  expect(await connection.sendRequest("ask", {})).toEqual(["configured"]);
  expect(await connection.sendRequest("shutdown")).toBeNull();
  await connection.sendNotification("exit");
  expect(await exited).toBe(0);
});

test("exit without shutdown: it ends with 1", async () => {
  const { connection, exited } = start();
  await connection.sendRequest("initialize", {});
  await connection.sendNotification("exit");
  expect(await exited).toBe(1);
});
