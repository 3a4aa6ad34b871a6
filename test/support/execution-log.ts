import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let logs = 0;

/** The file in which a faulty worker notes each request by its param `key`, before it executes the request. */
export class ExecutionLog {
  readonly #path = join(tmpdir(), `procwire-executed-${process.pid}-${logs++}`);

  /** What the worker's environment needs. */
  get env(): Readonly<Record<string, string>> {
    return { PROCWIRE_TEST_EXECUTED: this.#path };
  }

  /** How often each request was executed. Complete when the worker has ended. */
  read(): ReadonlyMap<string, number> {
    const times = new Map<string, number>();
    if (!existsSync(this.#path)) return times;
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    for (const line of lines) {
      const key = line.slice(0, line.lastIndexOf(" "));
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    return times;
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
