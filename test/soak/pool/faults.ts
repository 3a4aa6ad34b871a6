import type { Pool } from "@procwire/transport";
import { sleep } from "../lib/sleep.js";
import type { Callers } from "./callers.js";

/** What a worker is asked to do to itself. Its request is one of those that are lost. */
const BY_REQUEST: Readonly<Record<string, { readonly method: string; readonly params: object }>> = {
  SIGSEGV: { method: "kill", params: { signal: "SIGSEGV" } },
  "exit 0": { method: "exit", params: { code: 0 } },
  "exit 1": { method: "exit", params: { code: 1 } },
  panic: { method: "crash", params: {} },
  "closed stdout": { method: "closeStdout", params: {} },
};

export const OTHER_FAULTS: readonly string[] = ["SIGSTOP", ...Object.keys(BY_REQUEST)];

const GIVE_UP_MS = 20_000;

/** What happens to the workers of a pool, one at a time. */
export class Faults {
  /** Faults after which no worker ended. */
  vain = 0;
  leastInFlight = Infinity;
  readonly #pool: Pool;
  readonly #callers: Callers;
  #exits = 0;

  constructor(pool: Pool, callers: Callers) {
    this.#pool = pool;
    this.#callers = callers;
    pool.onEvent((event) => {
      if (event.type === "exited") this.#exits += 1;
    });
  }

  /** Resolves when what was lost by it has been told. */
  async happen(fault: string): Promise<void> {
    await sleep(this.#callers.random.between(0, 8));
    const victim = await this.#someWorker();
    this.leastInFlight = Math.min(this.leastInFlight, this.#pool.health().inFlight);
    const exits = this.#exits;
    this.#callers.faultHappens();
    const own = BY_REQUEST[fault];
    if (own === undefined) process.kill(victim, fault);
    else await this.#callers.call(this.#pool, { ...own, timeout: GIVE_UP_MS, idempotent: false });
    if (!(await comes(() => this.#exits > exits))) this.vain += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** One that serves in a place chosen by lot, so that those that take longer to start have their share. */
  async #someWorker(): Promise<number> {
    const places = this.#pool.stats().workers.length;
    const place = Math.floor(this.#callers.random.between(0, places));
    const pidThere = (): number | undefined => this.#pool.stats().workers[place]?.pid;
    await comes(() => pidThere() !== undefined);
    const pid = pidThere();
    if (pid === undefined) throw new Error(`no worker came back in place ${place} within ${GIVE_UP_MS} ms`);
    return pid;
  }
}

async function comes(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await sleep(1);
  }
  return true;
}
