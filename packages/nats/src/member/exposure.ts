import { nuid } from "@nats-io/transport-node";
import {
  ChannelError,
  JsonRpcErrorCode,
  RpcError,
  type Channel,
  type NotificationMessage,
  type RequestContext,
  type RequestMessage,
} from "@procwire/transport";
import type { Stack } from "@procwire/transport/extend";
import { watchConnection, type Opened } from "../connection.js";
import { DEFAULT_PREFIX, Subjects } from "../wire/subjects.js";
import { Bridge } from "./bridge.js";
import { ServiceDesk, type ServiceInfo } from "./service-desk.js";
import { Serving } from "./serving.js";

/** A member of a service; see `exposeOverNats`. */
export interface Exposed {
  /** The member's name on the network; another one after each reconnect. */
  readonly id: string;
  /** Resolves with the reason why it takes no requests any more. Never rejects. */
  readonly closed: Promise<ChannelError>;
  /** Requests that run now. */
  readonly running: number;
  /** Whether requests can come: the server is reached, and the exposed channel is open. */
  readonly healthy: boolean;
  /** Takes no more requests, waits for those that run, and leaves. The exposed channel stays open. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ExposureOptions {
  readonly service: string;
  readonly target: Channel;
  readonly stack: Stack;
  readonly opened: Opened;
  readonly prefix?: string | undefined;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly maxInFlight?: number | undefined;
  readonly drainMs?: number | undefined;
  readonly pingMs?: number | undefined;
}

/** How long the exposed channel may take to tell its methods. */
const DISCOVER_MS = 5_000;

export class Exposure implements Exposed {
  readonly closed: Promise<ChannelError>;
  readonly #options: ExposureOptions;
  readonly #subjects: Subjects;
  readonly #bridge: Bridge;
  readonly #desk: ServiceDesk;
  readonly #removers: (() => void)[] = [];
  #id = nuid.next();
  #serving: Serving | undefined;
  #methods: readonly string[] = [];
  #isUp = true;
  #closing: Promise<void> | undefined;
  #resolveClosed: (cause: ChannelError) => void = () => undefined;

  constructor(options: ExposureOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#subjects = new Subjects(options.prefix ?? DEFAULT_PREFIX, options.service);
    this.#bridge = new Bridge({
      target: options.target,
      maxInFlight: options.maxInFlight ?? 4_096,
      detailsOf: (raw) => this.#serving?.details.get(raw),
    });
    this.#desk = new ServiceDesk(options.opened.connection, () => this.#describe());
  }

  get id(): string {
    return this.#id;
  }

  get running(): number {
    return this.#bridge.running;
  }

  get healthy(): boolean {
    return this.#isUp && this.#closing === undefined && this.#options.target.health().healthy;
  }

  /** Resolves when requests can come. */
  async start(): Promise<void> {
    this.#methods = await this.#discover();
    this.open();
    await this.#options.opened.connection.flush();
  }

  /** Begins to take requests. */
  open(): void {
    const { opened, target } = this.#options;
    this.#listenToTarget(target);
    watchConnection(opened.connection, {
      lost: () => {
        this.#isUp = false;
        this.#endServing();
      },
      restored: () => {
        this.#isUp = true;
        this.#id = nuid.next();
        if (this.#closing === undefined) this.#serve();
      },
      closed: () => {
        void this.#close(new ChannelError("CONNECT_FAILED", "The connection to the NATS server is closed."));
      },
    });
    void target.closed.then((cause) => this.#close(cause));
    this.#serve();
  }

  close(): Promise<void> {
    return this.#close(new ChannelError("CHANNEL_CLOSED", "The member was closed by this side."));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #close(cause: ChannelError): Promise<void> {
    this.#closing ??= this.#leave(cause);
    return this.#closing;
  }

  async #leave(cause: ChannelError): Promise<void> {
    const { opened, drainMs = 30_000 } = this.#options;
    const { connection, isOwn } = opened;
    this.#desk.close();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, drainMs)));
    const drained = async (): Promise<void> => {
      await this.#serving?.drain();
      await this.#bridge.idle();
      // The answers are said in the turn after.
      await new Promise((resolve) => setImmediate(resolve));
      if (!connection.isClosed()) await connection.flush();
    };
    await Promise.race([drained().catch(() => undefined), late]);
    clearTimeout(timer);
    for (const remove of this.#removers.splice(0)) remove();
    this.#endServing();
    this.#resolveClosed(cause);
    if (isOwn && !connection.isClosed()) await connection.close();
  }

  #serve(): void {
    const { opened, stack, service, pingMs = 1_000 } = this.#options;
    const serving = new Serving({
      connection: opened.connection,
      subjects: this.#subjects,
      group: service,
      id: this.#id,
      stack,
      pingMs,
      onError: stack.onError,
    });
    const { registry } = serving.lasting;
    const answer = (message: Pick<RequestMessage, "method" | "params">, context: RequestContext): unknown =>
      this.#bridge.answer(message, context);
    registry.onRequest(answer);
    const { discover, goodbye } = stack.dialect;
    if (discover !== undefined)
      registry.onRequest(discover, (params, context) => answer({ method: discover, params }, context));
    registry.onNotification(({ method, params }: NotificationMessage) => {
      // Whether the worker ends is not for callers to say.
      if (method === goodbye?.notification) return;
      // A worker that takes no more notifications says so to those who wait for one: nobody does here.
      this.#options.target.notify(method, params as object | undefined).catch(() => undefined);
    });
    this.#serving = serving;
    serving.open();
    this.#desk.close();
    this.#desk.open();
  }

  #endServing(): void {
    const serving = this.#serving;
    this.#serving = undefined;
    serving?.end(new ChannelError("CHANNEL_CLOSED", "The connection to the NATS server was lost."));
  }

  #listenToTarget(target: Channel): void {
    this.#removers.push(
      target.onNotification((message: NotificationMessage) => {
        this.#serving?.tellAll(message);
      }),
    );
    try {
      this.#removers.push(target.onRequest((message: RequestMessage, context) => this.#ask(message, context)));
    } catch {
      // Somebody answers the worker's requests already.
    }
  }

  /** A worker asks its caller. Over stdio it has one; here it is the one for whom it works. */
  #ask({ method, params }: RequestMessage, context: RequestContext): Promise<unknown> {
    const callers = this.#serving?.busy ?? [];
    const [caller] = callers;
    if (caller === undefined || callers.length > 1) {
      const why = caller === undefined ? "it works for no caller now" : `it works for ${callers.length} callers now`;
      const text = `${method}: this member can't tell which caller is asked: ${why}.`;
      throw new RpcError(JsonRpcErrorCode.internalError, text);
    }
    return caller.request(method, params as object | undefined, {
      signal: context.signal,
      onProgress: (value: unknown) => void context.progress(value),
    });
  }

  async #discover(): Promise<readonly string[]> {
    const { target, stack } = this.#options;
    if (stack.dialect.discover === undefined) return [];
    try {
      const found: unknown = await target.request(stack.dialect.discover, undefined, { timeout: DISCOVER_MS });
      return namesIn(found);
    } catch {
      // A worker that can't tell is exposed all the same; the services API lists what was called, then.
      return [];
    }
  }

  #describe(): ServiceInfo {
    const { service, version = "0.0.0", description = "", metadata = {}, stack } = this.#options;
    return {
      id: this.#id,
      name: service,
      version,
      description,
      metadata: { ...metadata, procwire: stack.speaks },
      queueGroup: service,
      methods: this.#methods,
      subjectOf: (method) => this.#subjects.call(method),
      statistics: this.#bridge.statistics,
    };
  }
}

function namesIn(found: unknown): string[] {
  const { methods } = (found ?? {}) as { readonly methods?: unknown };
  if (!Array.isArray(methods)) return [];
  const names = methods.map((one: unknown) => (one as { readonly name?: unknown } | null)?.name);
  return names.filter((name) => typeof name === "string");
}
