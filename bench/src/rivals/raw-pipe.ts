import { benchProgram } from "../programs.js";
import { endChild, startChild, type PipedChild } from "./child.js";
import type { EchoValue, Rival, Session } from "./contract.js";

/** As many bytes as an `add` request has. */
const REQUEST = Buffer.from('{"jsonrpc":"2.0","id":123456,"method":"add","params":{"a":1234,"b":1}}\n');

export const rawPipe: Rival = {
  id: "raw-pipe",
  name: "raw pipe",
  what: "bytes sent to a Rust program that writes them back; nobody parses anything: the floor of the medium",
  can: ["add", "text", "bytes", "start"],
  // Nothing tells two answers apart here.
  oneAtATime: true,
  start: async (placement) => new RawSession(await startChild(placement.command(benchProgram("raw-echo")))),
};

export const rawPipePolling: Rival = {
  ...rawPipe,
  id: "raw-pipe-polling",
  name: "raw pipe, polls",
  what: "the same, and the Rust program polls its input for 50 us before it sleeps",
  start: async (placement) =>
    new RawSession(await startChild(placement.command(benchProgram("raw-echo"), "--spin-us", "50"))),
};

/** Sends bytes and waits until as many have come back. */
class RawSession implements Session {
  readonly #child: PipedChild;
  #missing = 0;
  #resolve: (() => void) | undefined;

  constructor(child: PipedChild) {
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => {
      this.#missing -= chunk.length;
      if (this.#missing === 0) this.#resolve?.();
    });
  }

  /** Does the sum itself: only the bytes make the trip. */
  async add(a: number, b: number): Promise<number> {
    await this.#trip(REQUEST, REQUEST.length);
    return a + b;
  }

  async echo<Value extends EchoValue>(value: Value): Promise<Value> {
    if (typeof value !== "string" && !(value instanceof Uint8Array)) throw new Error("the raw pipe knows only bytes");
    await this.#trip(value, Buffer.byteLength(value));
    return value;
  }

  close(): Promise<void> {
    return endChild(this.#child);
  }

  #trip(data: string | Uint8Array, bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#missing = bytes;
      this.#resolve = resolve;
      this.#child.stdin.write(data);
    });
  }
}
