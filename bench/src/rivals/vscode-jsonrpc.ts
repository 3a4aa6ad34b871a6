import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { rustWorker } from "../programs.js";
import { endChild, startChild, type PipedChild } from "./child.js";
import type { Rival, Session } from "./contract.js";

export const vscodeJsonrpc: Rival = {
  id: "vscode-jsonrpc",
  name: "vscode-jsonrpc 10",
  what: "its connection over Content-Length, and our rust-worker --framing content-length --quiet: the same worker as ours",
  start: async (placed) => {
    const child = await startChild(placed(rustWorker, "--framing", "content-length", "--quiet"));
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
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

  echo(text: string): Promise<string> {
    return this.#connection.sendRequest("echo", { message: text });
  }

  sum(numbers: readonly number[]): Promise<number> {
    return this.#connection.sendRequest("sum_array", { numbers });
  }

  async close(): Promise<void> {
    this.#connection.dispose();
    this.#child.stdout.resume();
    await endChild(this.#child);
  }
}
