import { pathToFileURL } from "node:url";
import { workerScript } from "../programs.js";
import type { EchoValue, Rival, Session } from "./contract.js";

export const piscina: Rival = {
  id: "piscina",
  name: "piscina, one thread",
  what: "piscina 5: a thread of the same process, no pipe; it falls with its parent and the parent with it",
  can: ["add", "text", "document", "bytes", "typed", "sum", "sum-typed", "start"],
  start: async (placement) => {
    const { Piscina } = await import("piscina");
    const filename = pathToFileURL(workerScript("piscina-worker.mjs")).href;
    const pool = new Piscina<Call, never>({ filename, minThreads: 1, maxThreads: 1, execArgv: [] });
    const thread = (await pool.run({ method: "thread", params: undefined })) as number | undefined;
    if (thread !== undefined) placement.thread(thread);
    return new PoolSession(
      (method, params) => pool.run({ method, params }),
      () => pool.close(),
    );
  },
};

interface Call {
  readonly method: string;
  readonly params: unknown;
}

class PoolSession implements Session {
  readonly #run: (method: string, params: object) => Promise<never>;
  readonly close: () => Promise<void>;

  constructor(run: (method: string, params: object) => Promise<never>, close: () => Promise<void>) {
    this.#run = run;
    this.close = close;
  }

  add(a: number, b: number): Promise<number> {
    return this.#run("add", { a, b });
  }

  echo<Value extends EchoValue>(value: Value): Promise<Value> {
    return this.#run("echo", { message: value });
  }

  sum(numbers: readonly number[] | Float64Array): Promise<number> {
    return this.#run("sum_array", { numbers });
  }
}
