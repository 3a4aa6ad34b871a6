import type { Channel } from "@procwire/transport";
import { isAlive } from "../../support/wait-for.js";
import { ExecutionLog } from "../../support/execution-log.js";
import type { Random } from "../lib/random.js";
import { sleep } from "../lib/sleep.js";
import { cancelReason, type Book } from "./book.js";

const CALLERS = 64;

interface Call {
  readonly method: string;
  readonly params: object;
}

export interface WorkerKind {
  readonly name: string;
  /** Any of them ends it. */
  readonly signals: readonly [NodeJS.Signals, ...NodeJS.Signals[]];
  /** Whether it notes what it executes, under the param `key`. */
  readonly hasLog: boolean;
  /** @param env what a worker that has a log needs */
  start(env: Readonly<Record<string, string>>): Promise<Channel>;
  /** Is not answered by itself. */
  slow(key: string): Call;
  /** Is answered with the key. */
  quick(key: string): Call;
  /** Makes the worker exit. */
  exit(channel: Channel, random: Random): Promise<void>;
}

const FAULTS = [
  "killed",
  "exited",
  "stopped, then killed",
  "stopped, then continued",
  "cancelled",
  "timed out",
] as const;
type Fault = (typeof FAULTS)[number];

/** One worker at a time, kept busy by 64 callers, while faults happen to it and to them. */
export class Lane {
  readonly #kind: WorkerKind;
  readonly #book: Book;
  readonly #random: Random;
  /** What callers are to do with one of their next requests. */
  #wanted: Fault[] = [];
  #channel: Promise<Channel>;
  #isOver = false;
  #keys = 0;

  constructor(kind: WorkerKind, book: Book, random: Random) {
    this.#kind = kind;
    this.#book = book;
    this.#random = random;
    this.#channel = this.#start();
  }

  async run(faults: number): Promise<void> {
    const callers = Array.from({ length: CALLERS }, () => this.#callOnAndOn());
    const list = Array.from({ length: faults }, (_, at) => FAULTS[at % FAULTS.length] ?? FAULTS[0]);
    this.#random.shuffle(list);
    for (const fault of list) {
      await sleep(this.#random.between(0, 8));
      await this.#do(fault);
    }
    while (this.#wanted.length > 0) await sleep(5);
    this.#isOver = true;
    await Promise.all(callers);
    await this.#release(await this.#channel);
  }

  async #do(fault: Fault): Promise<void> {
    if (fault === "cancelled" || fault === "timed out") {
      this.#wanted.push(fault);
      return;
    }
    const channel = await this.#channel;
    this.#book.fault(`${this.#kind.name} worker ${fault}`);
    if (fault.startsWith("stopped")) {
      signal(channel, "SIGSTOP");
      await sleep(this.#random.between(10, 100));
    }
    if (fault === "stopped, then continued") signal(channel, "SIGCONT");
    else await this.#end(channel, fault);
  }

  async #end(channel: Channel, fault: Fault): Promise<void> {
    this.#book.leastInFlight = Math.min(this.#book.leastInFlight, channel.stats().inFlight);
    const started = performance.now();
    if (fault === "exited") await this.#kind.exit(channel, this.#random);
    else if (fault === "killed") signal(channel, this.#random.of(this.#kind.signals));
    else signal(channel, "SIGKILL");
    await channel.closed;
    this.#book.endMs.push(performance.now() - started);
    this.#channel = this.#release(channel).then(() => this.#start());
    await this.#channel;
  }

  async #start(): Promise<Channel> {
    const log = this.#kind.hasLog ? new ExecutionLog() : undefined;
    const channel = await this.#kind.start(log?.env ?? {});
    this.#book.opened(channel, log);
    return channel;
  }

  async #release(channel: Channel): Promise<void> {
    await channel.close();
    if (channel.pid !== undefined && isAlive(channel.pid)) this.#book.leftovers += 1;
    this.#book.close(channel);
  }

  async #callOnAndOn(): Promise<void> {
    while (!this.#isOver) await this.#call(await this.#channel, this.#wanted.pop());
  }

  async #call(channel: Channel, wanted: Fault | undefined): Promise<void> {
    const key = `${this.#kind.name} ${this.#keys++}`;
    const isQuick =
      wanted === undefined ? this.#random.next() < 0.5 : wanted === "cancelled" && this.#random.next() < 0.3;
    const { method, params } = this.#kind[isQuick ? "quick" : "slow"](key);
    const timeout = wanted === "timed out" ? this.#random.between(1, 40) : this.#random.between(50, 250);
    const controller = wanted === "cancelled" ? new AbortController() : undefined;
    if (wanted !== undefined) this.#book.fault(`requests to be ${wanted} (${this.#kind.name})`);

    const options = controller === undefined ? { timeout } : { timeout, signal: controller.signal };
    const request = (): Promise<unknown> => channel.request<unknown>(method, params, options);
    const settled = this.#book.issue(key, channel, timeout, request).then(
      (answer) => {
        this.#book.answer(key, answer);
      },
      (error: unknown) => {
        this.#book.fail(key, error);
      },
    );
    if (controller !== undefined) await this.#cancel(controller, key);
    await settled;
  }

  /** At once, in the same turn, in the next one, or later. */
  async #cancel(controller: AbortController, key: string): Promise<void> {
    const when = this.#random.of(["now", "microtask", "turn", "later"]);
    if (when === "microtask") await Promise.resolve();
    if (when === "turn") await new Promise((resolve) => setImmediate(resolve));
    if (when === "later") await sleep(this.#random.between(0, 30));
    controller.abort(cancelReason(key));
  }
}

/** It may have ended by itself in the meantime. */
function signal({ pid }: Channel, name: NodeJS.Signals): void {
  if (pid !== undefined && isAlive(pid)) process.kill(pid, name);
}
