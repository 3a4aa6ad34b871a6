import { fork, type ChildProcess, type SerializationType } from "node:child_process";
import { once } from "node:events";
import { workerScript } from "../programs.js";
import type { EchoValue, Placement, Rival, Session } from "./contract.js";

const JSON_CALLS = ["add", "text", "document", "sum", "notify", "start"] as const;

export const nodeIpcJson: Rival = {
  id: "node-ipc-json",
  name: "Node IPC, json",
  what: "child_process.fork, send and on('message'), and a Node worker",
  can: JSON_CALLS,
  start: (placement) => start(placement, "json"),
};

export const nodeIpcAdvanced: Rival = {
  id: "node-ipc-advanced",
  name: "Node IPC, advanced",
  what: "the same with serialization: 'advanced', V8's structured clone",
  can: [...JSON_CALLS, "bytes", "typed", "sum-typed"],
  start: (placement) => start(placement, "advanced"),
};

async function start(placement: Placement, serialization: SerializationType): Promise<Session> {
  const { file, args } = placement.command(process.execPath);
  // Node puts `execArgv` before the script: there is room for another program that starts Node.
  const child = fork(workerScript("node-ipc-worker.mjs"), { execPath: file, execArgv: [...args], serialization });
  await once(child, "spawn");
  return new IpcSession(child);
}

interface Answer {
  readonly id: number;
  readonly result: never;
}

class IpcSession implements Session {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (result: never) => void>();
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => {
      const { id, result } = message as Answer;
      const resolve = this.#waiting.get(id);
      this.#waiting.delete(id);
      resolve?.(result);
    });
  }

  add(a: number, b: number): Promise<number> {
    return this.#request("add", { a, b });
  }

  echo<Value extends EchoValue>(value: Value): Promise<Value> {
    return this.#request("echo", { message: value });
  }

  sum(numbers: readonly number[] | Float64Array): Promise<number> {
    return this.#request("sum_array", { numbers });
  }

  notify(number: number): void {
    this.#child.send({ method: "note", params: { number } });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #request<Result>(method: string, params: object): Promise<Result> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, resolve);
      this.#child.send({ id, method, params });
    });
  }
}
