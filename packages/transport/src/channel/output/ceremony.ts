import type { Dialect, Goodbye, Hello } from "../../dialects/contract.js";
import { RpcError } from "../../errors.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";

/**
 * - `new`: nobody has said hello. Where that is required, only it and what is allowed before it leave.
 * - `asked`: this side has, and waits for the answer; only what is allowed leaves.
 * - `answered`: the next to leave is what follows the answer.
 * - `open`: anything may be said, by both sides.
 */
type Stage = "new" | "asked" | "answered" | "open";

/**
 * Hello and goodbye, in the order of the dialect. Who calls keeps back what would be too early; who serves refuses it.
 * Which of the two this side is shows when it asks, or is asked.
 */
export class Ceremony {
  /** Called when all that was kept back may leave. */
  onOpen: () => void = () => undefined;
  readonly #name: string;
  readonly #hello: Hello | undefined;
  readonly #goodbye: Goodbye;
  readonly #serves: boolean;
  #stage: Stage = "new";
  #isAsked = false;
  #isLeaving = false;
  #hasLeft = false;

  /** @param serves true on the side that was started to answer */
  constructor({ name, hello, goodbye = {} }: Dialect, serves: boolean) {
    this.#name = name;
    this.#hello = hello;
    this.#goodbye = goodbye;
    this.#serves = serves;
  }

  /** `undefined` where the dialect knows no order: what it would cost is saved. */
  static of(dialect: Dialect, serves: boolean): Ceremony | undefined {
    return dialect.hello === undefined && dialect.goodbye?.request === undefined
      ? undefined
      : new Ceremony(dialect, serves);
  }

  /** Something may have to wait. */
  get isShut(): boolean {
    if (this.#serves || this.#hello === undefined || this.#stage === "open") return false;
    return this.#hello.isRequired || this.#stage !== "new";
  }

  /** It is too early to say that. */
  isEarly(method: string): boolean {
    if (this.#hello === undefined || !this.isShut) return false;
    if (this.#hello.allowed.includes(method)) return false;
    if (this.#stage === "new") return method !== this.#hello.request;
    return this.#stage !== "answered" || method !== this.#hello.done;
  }

  /** This side has said that. */
  sent(method: string): void {
    if (method === this.#goodbye.request) this.#isLeaving = true;
    if (method === this.#goodbye.notification) this.#hasLeft = true;
    if (this.#stage === "new" && method === this.#hello?.request) this.#stage = "asked";
    if (this.#stage === "answered" && method === this.#hello?.done) this.#open();
  }

  /** A request of this side has been answered, or given up. What follows an answer is said in the same turn. */
  settled(method: string): void {
    if (this.#stage !== "asked" || method !== this.#hello?.request) return;
    this.#stage = "answered";
    if (this.#hello.done === undefined) this.#open();
    else
      setTimeout(() => {
        this.#open();
      }, 0);
  }

  /** Why a request of the other side is refused; `undefined` when it comes in order. */
  refusalOf(method: string): RpcError | undefined {
    const isHello = method === this.#hello?.request;
    const refusal = this.#serves ? this.#refusal(method, isHello) : undefined;
    if (refusal !== undefined) return refusal;
    if (isHello) this.#asked();
    if (method === this.#goodbye.request) this.#isLeaving = true;
    return undefined;
  }

  /** What is left of it to be said. Who serves says none. */
  farewellOf({ request, notification }: Goodbye): Goodbye {
    const calls = !this.#serves && !this.#isAsked && !this.#hasLeft;
    return calls ? { request: this.#isLeaving ? undefined : request, notification } : {};
  }

  /** The other side has asked to end, and was not refused. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** What a request waits for that was not sent; `undefined` when it is not this. */
  explain(): string | undefined {
    if (!this.isShut || this.#stage !== "new" || this.#hello === undefined) return undefined;
    const { request } = this.#hello;
    return `In the dialect ${this.#name} nothing is sent before the request "${request}": make that first.`;
  }

  #refusal(method: string, isHello: boolean): RpcError | undefined {
    const code = this.#hello?.earlyCode;
    if (code === undefined) return undefined;
    if (this.#isLeaving)
      return new RpcError(JsonRpcErrorCode.invalidRequest, `Invalid request: ${method} after the end`);
    if (isHello && this.#isAsked)
      return new RpcError(JsonRpcErrorCode.invalidRequest, `Invalid request: ${method} again`);
    if (isHello || this.#isAsked) return undefined;
    return new RpcError(code, `Not initialized: ${method} before ${this.#hello?.request ?? ""}`);
  }

  /** This side is the one that serves. */
  #asked(): void {
    this.#isAsked = true;
    this.#open();
  }

  #open(): void {
    if (this.#stage === "open") return;
    this.#stage = "open";
    this.onOpen();
  }
}
