import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let mortals = 0;

/** A program that notes the moment and dies, whoever starts it. */
export class Mortal {
  readonly #log = join(tmpdir(), `procwire-mortal-${process.pid}-${mortals++}`);

  get command(): { readonly command: string; readonly args: readonly string[] } {
    return { command: "sh", args: ["-c", `date +%s%3N >> "$0"; exit 3`, this.#log] };
  }

  /** When it was started, in milliseconds since 1970, as it says itself. */
  get starts(): number[] {
    if (!existsSync(this.#log)) return [];
    return readFileSync(this.#log, "utf8").split("\n").slice(0, -1).map(Number);
  }

  forget(): void {
    rmSync(this.#log, { force: true });
  }
}

/** The most of the moments that lie within one window. */
export function mostWithin(moments: readonly number[], windowMs: number): number {
  return Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at < from + windowMs).length));
}
