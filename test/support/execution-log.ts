import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelError } from "@procwire/transport";

/** What a caller was told. `"unknown"`: that its request may have been executed or not. */
export type Told = "answered" | "not-sent" | "unknown";

let logs = 0;

/** The file in which a faulty worker notes each request by its param `key`, before it executes the request. */
export class ExecutionLog {
  readonly #path = join(tmpdir(), `procwire-executed-${process.pid}-${logs++}`);

  /** What the worker's environment needs. */
  get env(): Readonly<Record<string, string>> {
    return { PROCWIRE_TEST_EXECUTED: this.#path };
  }

  /** Each lie that callers were told about their requests, by key. To be called when the worker has ended; once. */
  lies(told: ReadonlyMap<string, Told>): string[] {
    const executed = this.#read();
    rmSync(this.#path, { force: true });
    return [...told].flatMap(([key, what]) => lieAbout(key, what, executed.get(key) ?? 0));
  }

  /** How often each request was executed. */
  #read(): ReadonlyMap<string, number> {
    const times = new Map<string, number>();
    if (!existsSync(this.#path)) return times;
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    for (const line of lines) {
      const key = line.slice(0, line.lastIndexOf(" "));
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    return times;
  }
}

export function toldBy(error: unknown): Told {
  return error instanceof ChannelError && error.delivery === "not-sent" ? "not-sent" : "unknown";
}

function lieAbout(key: string, told: Told, times: number): string[] {
  const isTrue = told === "not-sent" ? times === 0 : told === "answered" ? times === 1 : times <= 1;
  return isTrue ? [] : [`${key}: its caller was told "${told}", and it was executed ${times} times`];
}
