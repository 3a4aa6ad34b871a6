import { benchProgram } from "../programs.js";
import { endChild, startChild, type PipedChild } from "./child.js";
import type { EchoValue, Placement, Rival, Session, Task } from "./contract.js";

export const handLoop: Rival = {
  id: "hand-loop",
  name: "hand-written loop",
  what: "one class in Node and one thread in Rust, written for speed alone, without any safety: the bound",
  can: ["add", "text", "document", "sum", "notify", "start"],
  start: openHandLoop,
};

export const handLoopPolling: Rival = {
  ...handLoop,
  id: "hand-loop-polling",
  name: "hand-written loop, polls",
  what: "the same, and the Rust program polls its input for 50 us before it sleeps",
  start: async (placement) =>
    new HandSession(await startChild(placement.command(benchProgram("hand-loop"), "--spin-us", "50"))),
};

export async function openHandLoop(placement: Placement): Promise<HandSession> {
  return new HandSession(await startChild(placement.command(benchProgram("hand-loop"))));
}

const METHODS: Record<Task, string> = { fib: "fibonacci_recursive", prime: "is_prime", sum: "sum_floats" };

/** No limits, no errors, no timeouts, no end of the worker: requests out, answers in, as fast as it goes. */
class HandSession implements Session {
  readonly #child: PipedChild;
  /** By id. Ids are used again, so that this stays small: a third faster than a map of ever new ids. */
  readonly #waiting: (((result: never) => void) | undefined)[] = [];
  readonly #freeIds: number[] = [];
  #output = "";
  /** The beginning of a line whose end has not arrived. */
  #rest = "";
  readonly #flush = (): void => {
    this.#child.stdin.write(this.#output);
    this.#output = "";
  };

  constructor(child: PipedChild) {
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#receive(text));
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
    this.#say("note", { number });
  }

  compute(task: Task, input: number | readonly number[]): Promise<unknown> {
    return this.#request(METHODS[task], typeof input === "number" ? { n: input } : { numbers: input });
  }

  close(): Promise<void> {
    return endChild(this.#child);
  }

  #request<Result>(method: string, params: object): Promise<Result> {
    return new Promise((resolve) => {
      const id = this.#freeIds.pop() ?? this.#waiting.length;
      this.#waiting[id] = resolve;
      this.#send(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(params)}}\n`);
    });
  }

  #say(method: string, params: object): void {
    this.#send(`{"jsonrpc":"2.0","method":"${method}","params":${JSON.stringify(params)}}\n`);
  }

  /** What is sent in one turn goes out in one write. */
  #send(line: string): void {
    if (this.#output === "") process.nextTick(this.#flush);
    this.#output += line;
  }

  #receive(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.#answer(this.#rest + text.slice(start, end));
      this.#rest = "";
      start = end + 1;
    }
    this.#rest += text.slice(start);
  }

  #answer(line: string): void {
    const { id, result } = JSON.parse(line) as { readonly id: number; readonly result: never };
    const resolve = this.#waiting[id];
    this.#waiting[id] = undefined;
    this.#freeIds.push(id);
    resolve?.(result);
  }
}
