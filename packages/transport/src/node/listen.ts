import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Channel } from "../channel/contract/channel.js";
import type { AnyApi, AnyEvents } from "../channel/contract/typed.js";
import { bool, count, func, milliseconds } from "../checks/kinds.js";
import { optionsOf, readOptions, type OptionTable } from "../checks/options.js";
import { HandlerLog } from "./own/handler-log.js";
import type { Methods } from "./own/methods.js";
import { Connections } from "./connections.js";
import { resolveServing, SERVING_OPTIONS, type MethodsOf, type ServingOptions, type WorkerChannel } from "./serving.js";
import {
  assertSafe,
  DEFAULT_HOST,
  hostName,
  portOrAny,
  secret,
  serviceName,
  socketPath,
  type ServiceAddress,
} from "./sockets/address.js";
import { Lobby } from "./sockets/lobby.js";
import { openPlace, type OpenedPlace, type Place } from "./sockets/place.js";
import { isWindows } from "./sockets/registry.js";
import {
  filledServiceTls,
  SERVICE_TLS_OPTIONS,
  verifiesClients,
  type ServiceTlsOptions,
} from "./sockets/tls-options.js";

export interface ListenOptions<Connection = Channel> extends ServingOptions {
  /** Registers the service for this user: `connectChannel(name)` finds it. In place of `path` and `port`. */
  readonly name?: string | undefined;
  /** The path of a local socket, which only this user can connect to. On Windows the name of a pipe. */
  readonly path?: string | URL | undefined;
  /** A port of TCP; 0 for any that is free. */
  readonly port?: number | undefined;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Of a port: TLS, in the words of Node's `tls`. With `ca`, clients must have certificates of that authority. */
  readonly tls?: ServiceTlsOptions | undefined;
  /** What clients must know. 1 to 4,000 bytes without control characters; 32 random bytes are a good one. */
  readonly token?: string | undefined;
  /** True: every program on this machine may use the port. Never beyond loopback. Default false. */
  readonly insecure?: boolean | undefined;
  /** Connections at once, those that have not greeted yet included. Default 1,024. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds that `close()` gives running handlers to finish. Infinity for as long as it takes. Default 5,000. */
  readonly graceMs?: number | undefined;
  /** Gets the channel of each connection before its first message: to ask the client, to tell it, to serve it more. */
  readonly onConnection?: ((channel: Connection) => unknown) | undefined;
}

export const LISTEN_OPTIONS: OptionTable<ListenOptions> = {
  ...SERVING_OPTIONS,
  name: serviceName,
  path: socketPath,
  port: portOrAny,
  host: hostName,
  tls: optionsOf(SERVICE_TLS_OPTIONS),
  token: secret,
  insecure: bool,
  maxConnections: count(1),
  graceMs: milliseconds,
  onConnection: func("that gets the channel of a connection"),
};

/** What serves connections. It installs no signal handlers, and keeps the process alive unless it is unref'd. */
export interface Service extends AsyncDisposable {
  /** Where it listens, as `connectChannel` takes it. */
  readonly address: ServiceAddress;
  /** Connections that have greeted and are open. */
  readonly connections: number;
  /**
   * Accepts no more connections and frees the name; refuses new requests, lets running ones finish within `graceMs`, and
   * closes the connections. Never rejects; each call gives the same promise.
   */
  close(): Promise<void>;
  /** Lets the process end although the service listens, and takes that back. Open connections keep it alive. */
  unref(): this;
  ref(): this;
}

const DEFAULT_GRACE_MS = 5_000;
const DEFAULT_MAX_CONNECTIONS = 1_024;
const KEEP_ALIVE_MS = 60_000;

/**
 * Serves methods to any number of connections: under a name, at a path, or on a port. Each connection is a channel with
 * limits of its own. See docs/connect.md.
 *
 * Rejects with `CONNECT_FAILED` when the name is taken (the message has the holder's process id), the address can't be
 * had, or the folder of names is not safe; with a `TypeError` for a port that strangers could use.
 *
 * @param methods as for `serveStdio`
 */
export function listen<
  Api extends object = AnyApi,
  Events extends object = AnyEvents,
  ClientApi extends object = AnyApi,
  ClientEvents extends object = AnyEvents,
>(
  methods: MethodsOf<NoInfer<Api>>,
  options: ListenOptions<WorkerChannel<Api, Events, ClientApi, ClientEvents>>,
): Promise<Service> {
  return open(methods as Methods, options as ListenOptions);
}

async function open(methods: Methods, given: ListenOptions): Promise<Service> {
  const options = readOptions("listen", given, LISTEN_OPTIONS);
  // Clients can make errors as they like: what is printed of them has an end.
  const serving = resolveServing("listen", methods, { onError: new HandlerLog().print, ...options });
  const tls = options.tls === undefined ? undefined : filledServiceTls(options.tls);
  const pipeToken = isWindows && options.name !== undefined ? randomBytes(32).toString("base64url") : undefined;
  const place = placeOf(options, serving.methods, pipeToken);
  assertFits(place, options, tls);
  const connections = new Connections(serving, options.onConnection, options.graceMs ?? DEFAULT_GRACE_MS);
  const lobby = new Lobby({
    token: options.token ?? pipeToken,
    speech: { framing: serving.stack.framing.name, codec: serving.stack.codec },
    isLocal: !("port" in place),
    maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    onWelcome: (socket) => {
      connections.add(socket);
    },
  });
  const door = new Door(lobby, tls, serving.stack.onError);
  const opened = await openPlace(place, () => door.makeServer());
  door.open();
  return new ListeningService(opened, lobby, connections);
}

function placeOf(
  { name, path, port, host }: ListenOptions,
  methods: readonly string[],
  pipeToken: string | undefined,
): Place {
  const given = [name, path, port].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new TypeError('listen needs one of name, path and port, such as { name: "math" }.');
  }
  if (name !== undefined) return { name, methods, pipeToken };
  // The check has made it a whole path.
  return path === undefined ? { host: host ?? DEFAULT_HOST, port: port ?? 0 } : { path: path as string };
}

function assertFits(place: Place, options: ListenOptions, tls: ServiceTlsOptions | undefined): void {
  const { token, insecure = false } = options;
  if ("port" in place) {
    const hasTls = tls !== undefined;
    const isVerifying = hasTls && verifiesClients(tls);
    assertSafe(place.host, {
      hasToken: token !== undefined,
      hasTls,
      verifiesClients: isVerifying,
      isInsecure: insecure,
    });
    return;
  }
  const stray = (["host", "tls", "insecure"] as const).find((name) => options[name] !== undefined);
  if (stray !== undefined) throw new TypeError(`listen: the option ${stray} is for a port. Leave it out.`);
}

/** Where connections come in. As long as it is not open they are sent away: the address may be another's. */
class Door {
  readonly #lobby: Lobby;
  readonly #tls: ServiceTlsOptions | undefined;
  readonly #onError: (error: unknown) => void;
  #isOpen = false;

  constructor(lobby: Lobby, tls: ServiceTlsOptions | undefined, onError: (error: unknown) => void) {
    this.#lobby = lobby;
    this.#tls = tls;
    this.#onError = onError;
  }

  open(): void {
    this.#isOpen = true;
  }

  makeServer(): Server {
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const server = this.#tls === undefined ? createServer(options) : createTlsServer({ ...options, ...this.#tls });
    // Such as a lack of descriptors for one more connection.
    server.on("error", this.#onError);
    server.on("connection", (socket: Socket) => {
      this.#admit(socket);
    });
    server.on("secureConnection", (socket: Socket) => {
      this.#lobby.secured(socket);
    });
    return server;
  }

  #admit(socket: Socket): void {
    if (!this.#isOpen) socket.on("error", () => undefined).destroy();
    else if (this.#tls === undefined) this.#lobby.arrive(socket);
    else this.#lobby.arriveForTls(socket);
  }
}

class ListeningService implements Service {
  readonly address: ServiceAddress;
  readonly #place: OpenedPlace;
  readonly #lobby: Lobby;
  readonly #connections: Connections;
  #closing: Promise<void> | undefined;

  constructor(place: OpenedPlace, lobby: Lobby, connections: Connections) {
    this.address = place.address;
    this.#place = place;
    this.#lobby = lobby;
    this.#connections = connections;
  }

  get connections(): number {
    return this.#connections.size;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { server, release } = this.#place;
    release();
    this.#lobby.close();
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    await this.#connections.close();
    await closed;
  }

  unref(): this {
    this.#place.server.unref();
    return this;
  }

  ref(): this {
    this.#place.server.ref();
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
