import type { MessageConnection } from "vscode-jsonrpc/node";
import { rustWorker } from "../programs.js";
import { endChild, startChild, type PipedChild } from "./child.js";
import type { EchoValue, Rival, Session } from "./contract.js";

export const vscodeJsonrpc: Rival = {
  id: "vscode-jsonrpc",
  name: "vscode-jsonrpc 10",
  what: "its connection over Content-Length, and our rust-worker --framing content-length --quiet: the same worker as ours",
  can: ["add", "text", "document", "sum", "notify", "start"],
  start: async (placement) => {
    const library = await import("vscode-jsonrpc/node");
    const child = await startChild(placement.command(rustWorker, "--framing", "content-length", "--quiet"));
    const connection = library.createMessageConnection(
      new library.StreamMessageReader(child.stdout),
      new library.StreamMessageWriter(child.stdin),
    );
    connection.listen();
    return new ConnectionSession(child, connection);
  },
};

class ConnectionSession implements Session {
  readonly #child: PipedChild;
  readonly #connection: MessageConnection;

  constructor(child: PipedChild, connection: MessageConnection) {
    this.#child = child;
    this.#connection = connection;
  }

  add(a: number, b: number): Promise<number> {
    return this.#connection.sendRequest("add", { a, b });
  }

  echo<Value extends EchoValue>(value: Value): Promise<Value> {
    return this.#connection.sendRequest("echo", { message: value });
  }

  sum(numbers: readonly number[] | Float64Array): Promise<number> {
    return this.#connection.sendRequest("sum_array", { numbers });
  }

  notify(number: number): Promise<void> {
    return this.#connection.sendNotification("note", { number });
  }

  async close(): Promise<void> {
    this.#connection.dispose();
    this.#child.stdout.resume();
    await endChild(this.#child);
  }
}
