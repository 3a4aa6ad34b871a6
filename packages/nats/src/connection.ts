import {
  connect,
  PermissionViolationError,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { ChannelError } from "@procwire/transport";
import { listOf, reasonOf, refuse, string, type Check, type OptionTable } from "@procwire/transport/extend";
import { serviceName, subjectPrefix } from "./service-name.js";

/** Where the service is, and how NATS is reached. */
export interface NatsOptions {
  /** The name of the service: letters, digits, "-" and "_". */
  readonly service: string;
  /** The URLs of NATS servers, such as `"nats://127.0.0.1:4222"`. */
  readonly servers?: string | readonly string[] | undefined;
  /** A connection of yours in place of `servers`; whoever made it closes it. */
  readonly connection?: NatsConnection | undefined;
  /**
   * More options of NATS's own client: `tls`, `token`, `user` and `pass`, `authenticator` (NKeys, credentials files),
   * `inboxPrefix`, `reconnectTimeWait` and so on.
   */
  readonly nats?: NodeConnectionOptions | undefined;
  /** Where the subjects begin. Default `"rpc"`. */
  readonly prefix?: string | undefined;
}

const servers: Check<string | readonly string[]> = (value, place) =>
  typeof value === "string" ? value : listOf("a URL or an array of URLs", string)(value, place);

const aConnection: Check<NatsConnection> = (value, place) => {
  const { publish, subscribe, flush } = (value ?? {}) as Record<string, unknown>;
  const isOne = [publish, subscribe, flush].every((member) => typeof member === "function");
  return isOne ? (value as NatsConnection) : refuse(TypeError, value, place, "a connection, of connect({ servers })");
};

const clientOptions: Check<NodeConnectionOptions> = (value, place) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  return refuse(TypeError, value, place, "an object: the options of NATS's own client");
};

export const NATS_OPTIONS: OptionTable<NatsOptions> = {
  service: serviceName,
  servers,
  connection: aConnection,
  nats: clientOptions,
  prefix: subjectPrefix,
};

export interface Opened {
  readonly connection: NatsConnection;
  /** Whether it is ours to close. */
  readonly isOwn: boolean;
}

/** Throws before anything is connected: the options of one side say all that is needed, and nothing twice. */
export function assertReachable(
  where: string,
  { service, servers: urls, connection, nats }: Partial<NatsOptions>,
): void {
  if (service === undefined) throw new TypeError(`${where} needs the name of a service: { service: "math" }.`);
  const ways = [urls ?? nats?.servers, connection].filter((way) => way !== undefined);
  if (ways.length === 1) return;
  if (ways.length === 0) throw new TypeError(`${where} needs servers, such as { servers: "nats://127.0.0.1:4222" }.`);
  throw new TypeError(`${where} takes servers or a connection, not both.`);
}

/** Rejects with `CONNECT_FAILED`. A connection of ours is restored for as long as it takes. */
export async function openConnection({ servers: urls, connection, nats }: NatsOptions, name: string): Promise<Opened> {
  if (connection !== undefined) return { connection, isOwn: false };
  const given = urls === undefined ? {} : { servers: typeof urls === "string" ? urls : [...urls] };
  try {
    const opened = await connect({ maxReconnectAttempts: -1, reconnectTimeWait: 500, name, ...nats, ...given });
    return { connection: opened, isOwn: true };
  } catch (error) {
    const text = `No NATS server could be reached at ${String(urls ?? nats?.servers)}: ${reasonOf(error)}.`;
    const advice = "Look whether it runs, and whether the credentials are right.";
    throw new ChannelError("CONNECT_FAILED", `${text} ${advice}`, { cause: error, delivery: "not-sent" });
  }
}

export interface ConnectionEars {
  readonly lost: () => void;
  readonly restored: () => void;
  /** There will be none any more. */
  readonly closed: (error: unknown) => void;
  /** This user may not publish to this subject. */
  readonly denied?: (subject: string) => void;
}

/** Calls back with what happens to the connection. */
export function watchConnection(connection: NatsConnection, ears: ConnectionEars): void {
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") ears.lost();
      else if (status.type === "reconnect") ears.restored();
      else if (status.type === "error" && isDenied(status.error)) ears.denied?.(status.error.subject);
    }
  })();
  void connection.closed().then((error) => {
    ears.closed(error);
  }, ears.closed);
}

function isDenied(error: Error): error is PermissionViolationError {
  return error instanceof PermissionViolationError && error.operation === "publish";
}
