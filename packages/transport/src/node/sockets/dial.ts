import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { reasonOf } from "../../errors.js";
import { startTimer } from "../streams/durations.js";
import { codeOf, connectError, explain, lastingError } from "./failures.js";
import { readFirstLine, type FirstLine } from "./first-line.js";
import { greetingOf, MAX_LINE_BYTES, mismatch, readAnswer, type Answer, type Speech } from "./greeting.js";
import type { ClientTlsOptions } from "./tls-options.js";

/** How to come to a service. */
export interface Route {
  readonly to: { readonly path: string } | { readonly host: string; readonly port: number };
  /** The service in words, for messages. */
  readonly who: string;
  readonly token: string | undefined;
  readonly tls: ClientTlsOptions | undefined;
  /** False: the other side is no service of this kind, and messages begin at once. */
  readonly greets: boolean;
}

/** A connection on which messages can begin. */
export interface Dialed {
  readonly socket: Socket;
  /** The service's process, where it is on this machine and says so. */
  readonly pid: number | undefined;
}

const KEEP_ALIVE_MS = 60_000;
/** Another attempt when the queue of those who want to connect is full. */
const QUEUE_MS = 10;

/** Connects and greets. Rejects with `CONNECT_FAILED`, or with the signal's reason. */
export async function dial(route: Route, own: Speech, signal: AbortSignal, timeoutMs: number): Promise<Dialed> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const attempt = new Attempt(route, own, until - performance.now());
    const abort = (): void => {
      attempt.fail(connectError(`Gave up connecting to ${route.who}.`));
    };
    signal.addEventListener("abort", abort);
    try {
      return await attempt.done;
    } catch (error) {
      const isFull = codeOf((error as Error).cause) === "EAGAIN";
      if (!isFull || signal.aborted || performance.now() > until) throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
    await new Promise((resolve) => setTimeout(resolve, QUEUE_MS));
  }
}

/** One connection, from the wish for it to the answer to its greeting. */
class Attempt {
  readonly done: Promise<Dialed>;
  readonly #route: Route;
  readonly #own: Speech;
  readonly #socket: Socket;
  #stopTimer: () => void = () => undefined;
  #stopReading: () => void = () => undefined;
  #hasConnected = false;
  #resolve: (dialed: Dialed) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(route: Route, own: Speech, timeoutMs: number) {
    this.#route = route;
    this.#own = own;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#socket = openSocket(route);
    this.#stopTimer = startTimer(() => {
      this.#lateBy(timeoutMs);
    }, timeoutMs);
    this.#socket.on("error", this.#onError).once(route.tls === undefined ? "connect" : "secureConnect", () => {
      this.#connected();
    });
  }

  /** The first outcome counts. */
  fail(error: Error): void {
    this.#stop();
    // What it still says, about being destroyed, nobody wants to hear.
    this.#socket.on("error", () => undefined).destroy();
    this.#reject(error);
  }

  #stop(): void {
    this.#stopTimer();
    this.#stopReading();
    this.#socket.off("error", this.#onError);
  }

  readonly #onError = (error: Error): void => {
    if (this.#hasConnected) this.#hungUp(error);
    else this.fail(connectError(`Cannot connect to ${this.#route.who}: ${explain(error)}`, error));
  };

  #connected(): void {
    const { greets, token, to } = this.#route;
    this.#hasConnected = true;
    if ("port" in to) this.#socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    if (!greets) {
      this.#succeed(undefined);
      return;
    }
    this.#stopReading = readFirstLine(this.#socket, MAX_LINE_BYTES, (first) => {
      this.#heard(first);
    });
    this.#socket.write(greetingOf(token));
  }

  #heard(first: FirstLine): void {
    if ("line" in first) this.#judge(readAnswer(first.line));
    else if (first.problem === "ended") this.#hungUp(first.cause);
    else this.#judge(undefined);
  }

  #judge(answer: Answer | undefined): void {
    const { who, to } = this.#route;
    if (answer === undefined) {
      const advice = "Is it a service of this kind? If not, say greeting: false.";
      this.fail(lastingError(`Cannot connect to ${who}: it did not answer the greeting as services do. ${advice}`));
    } else if (!answer.ok) {
      this.fail(refusal(this.#route, answer.error));
    } else {
      const difference = mismatch(this.#own, answer);
      if (difference === undefined) this.#succeed("path" in to ? answer.pid : undefined);
      else
        this.fail(lastingError(`Cannot connect to ${who}: ${difference} Give both sides the same framing and codec.`));
    }
  }

  #succeed(pid: number | undefined): void {
    this.#stop();
    // From here to the link's own listener nothing is read, but a reset may be heard.
    this.#socket.pause().on("error", () => undefined);
    this.#resolve({ socket: this.#socket, pid });
  }

  #hungUp(cause: Error | undefined): void {
    const { who, tls } = this.#route;
    const advice =
      tls === undefined
        ? "Is it a service of this kind? Or does it want TLS?"
        : "Does it want a certificate of this side, tls: { key, cert }, or another one?";
    const said = cause === undefined ? "" : ` (${cause.message})`;
    this.fail(
      connectError(
        `Cannot connect to ${who}: it closed the connection before it answered the greeting${said}. ${advice}`,
        cause,
      ),
    );
  }

  #lateBy(timeoutMs: number): void {
    const { who } = this.#route;
    const what = this.#hasConnected ? "it did not answer the greeting" : "there was no connection";
    const advice = "Is it busy, or no service of this kind?";
    this.fail(connectError(`Cannot connect to ${who}: ${what} within ${Math.ceil(timeoutMs)} ms. ${advice}`));
  }
}

function openSocket({ to, tls }: Route): Socket {
  if (tls === undefined || "path" in to) return connect(to);
  const { checkServerIdentity } = tls;
  if (checkServerIdentity === undefined) return connectTls({ ...tls, ...to });
  // Node calls it where nobody could catch what it throws.
  const guarded: typeof checkServerIdentity = (host, certificate) => {
    try {
      return checkServerIdentity(host, certificate);
    } catch (error) {
      return new Error(`checkServerIdentity failed: ${reasonOf(error)}`, { cause: error });
    }
  };
  return connectTls({ ...tls, ...to, checkServerIdentity: guarded });
}

function refusal({ who, token }: Route, error: string): Error {
  switch (error) {
    case "token":
      return lastingError(
        token === undefined
          ? `Cannot connect to ${who}: it wants a token. Add it to the target: { ..., token }.`
          : `Cannot connect to ${who}: the token is wrong. Give the one that the service was started with.`,
      );
    case "version":
      return lastingError(
        `Cannot connect to ${who}: it speaks another version of the greeting. Install the same version on both sides.`,
      );
    case "full":
      return connectError(`Cannot connect to ${who}: it has reached maxConnections. Try again later.`);
    case "closing":
      return connectError(`Cannot connect to ${who}: it is ending.`);
    case "greeting":
      return connectError(
        `Cannot connect to ${who}: the greeting did not reach it completely, or not in time. Try again.`,
      );
    default:
      return connectError(`Cannot connect to ${who}: it refused with ${JSON.stringify(error)}.`);
  }
}
