import type { EchoValue, Session } from "./contract.js";

/** Over a pool of workers that is handed a method and its params. */
export class PoolSession implements Session {
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
