// A worker that sessions are played to: what it is sent, and what it says.

import { spawn } from "node:child_process";

import { codecOf, framed, Frames } from "./wire.mjs";

/** @typedef {import("./wire.mjs").Variant} Variant */

const PATIENCE_MS = 30_000;
const STDERR_KEPT = 4_000;

export class WorkerProcess {
  /** @type {unknown[]} */
  #said = [];
  /** @type {(() => void) | undefined} */
  #wake;
  /** @type {string | undefined} */
  #trouble;
  /** @type {Buffer[]} */
  #stderr = [];
  /** @type {number | string | undefined} */
  exit;
  #outputEnded = false;

  /**
   * @param {readonly string[]} command
   * @param {Variant} variant
   */
  constructor(command, variant) {
    this.variant = variant;
    this.codec = codecOf(variant.codec);
    const [program = "", ...args] = command.map((word) =>
      word.replaceAll("{framing}", variant.framing).replaceAll("{codec}", variant.codec),
    );
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.child.on("error", (error) => this.#changed(() => (this.#trouble = `it did not start: ${error.message}`)));
    this.child.on("exit", (code, signal) => this.#changed(() => (this.exit = code ?? signal ?? "?")));
    // A worker that is gone takes nothing: the session says so.
    this.child.stdin.on("error", () => undefined);
    this.child.stderr.on("data", (chunk) => this.#stderr.push(chunk));
    const frames = new Frames(variant.framing);
    this.child.stdout.on("data", (chunk) => this.#changed(() => this.#hear(frames, chunk)));
    this.child.stdout.on("end", () => this.#changed(() => (this.#outputEnded = true)));
  }

  get isRunning() {
    return this.exit === undefined && this.#trouble === undefined && !this.child.stdin.writableEnded;
  }

  get stderr() {
    return Buffer.concat(this.#stderr).toString("utf8").slice(-STDERR_KEPT);
  }

  /**
   * @param {Frames} frames
   * @param {Buffer} chunk
   */
  #hear(frames, chunk) {
    try {
      for (const frame of frames.push(chunk)) this.#said.push(this.codec.decode(frame));
    } catch (error) {
      this.#trouble ??= `what it wrote can't be read: ${String(error)}`;
    }
  }

  /** @param {() => void} change */
  #changed(change) {
    change();
    this.#wake?.();
  }

  /** @param {Uint8Array} payload */
  sendFrame(payload) {
    this.write(framed(this.variant.framing, payload));
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    this.child.stdin.write(bytes);
  }

  end() {
    this.child.stdin.end();
  }

  /** The next message; undefined when it says no more. */
  async next() {
    await this.#until(() => this.#said.length > 0 || this.#outputEnded, "nothing came");
    return this.#said.shift();
  }

  /** Puts a message back that was looked at. @param {unknown} message */
  unread(message) {
    this.#said.unshift(message);
  }

  async exited() {
    await this.#until(() => this.exit !== undefined, "it did not exit");
    return this.exit;
  }

  /**
   * @param {() => boolean} condition
   * @param {string} otherwise
   */
  async #until(condition, otherwise) {
    const until = Date.now() + PATIENCE_MS;
    while (!condition()) {
      if (this.#trouble !== undefined) throw new Error(this.#trouble);
      const left = until - Date.now();
      if (left <= 0) throw new Error(`${otherwise} within ${PATIENCE_MS / 1000} s`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }

  async kill() {
    if (this.exit === undefined && this.child.pid !== undefined) this.child.kill("SIGKILL");
    this.child.stdout.destroy();
    this.child.stderr.destroy();
    this.child.stdin.destroy();
  }
}
