import { readOptions, type OptionTable } from "../../checks/options.js";
import { DEFAULT_HOST, hostName, port as portCheck, secret, serviceName, socketPath } from "./address.js";
import { checkSocket, readDescriptor } from "./descriptor.js";
import type { Route } from "./dial.js";
import { connectError } from "./failures.js";
import { checkFolder, descriptorOf, registryFolder } from "./registry.js";
import { trueOrClientTls, type ClientTlsOptions } from "./tls-options.js";

/** What `connectChannel` connects to: the name of a service of this user's, or where it listens, with what is secret. */
export type ServiceTarget = string | ServiceTargetOptions;

export interface ServiceTargetOptions {
  /** In place of `path` and `port`. */
  readonly name?: string | undefined;
  readonly path?: string | URL | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** True, or options in the words of Node's `tls`: of an authority of one's own `ca`, of a client certificate `key` and `cert`. */
  readonly tls?: true | ClientTlsOptions | undefined;
  /** What the service wants to be told. */
  readonly token?: string | undefined;
}

export const TARGET_OPTIONS: OptionTable<ServiceTargetOptions> = {
  name: serviceName,
  path: socketPath,
  host: hostName,
  port: portCheck,
  tls: trueOrClientTls,
  token: secret,
};

/** The target as it is at this moment. Throws a `TypeError` or a `RangeError` for what is none. */
export function readTarget(given: unknown): ServiceTargetOptions {
  if (typeof given === "string") return { name: serviceName(given, { where: "connectChannel", name: "the target" }) };
  if (given === undefined) throw new TypeError('connectChannel needs a target, such as "math" or { path }.');
  const target = readOptions("connectChannel", given, TARGET_OPTIONS);
  const places = [target.name, target.path, target.port].filter((one) => one !== undefined);
  if (places.length !== 1) {
    throw new TypeError("connectChannel: a target has one of name, path and port, such as { path }.");
  }
  const stray = (["host", "tls"] as const).find((option) => target[option] !== undefined);
  if (target.port === undefined && stray !== undefined) {
    throw new TypeError(`connectChannel: the target's ${stray} goes with a port. Leave it out.`);
  }
  return target;
}

/** How to get there, as of now. Throws `CONNECT_FAILED` for a name that nobody has. */
export function routeTo(target: ServiceTargetOptions, greets: boolean): Route {
  const { name, path, host = DEFAULT_HOST, port = 0, token } = target;
  if (name !== undefined) return routeToName(name, token, greets);
  const tls = target.tls === true ? {} : target.tls;
  // The check has made it a whole path.
  if (path !== undefined) return { to: { path: path as string }, who: path as string, token, tls, greets };
  return { to: { host, port }, who: `${host}:${port}`, token, tls, greets };
}

function routeToName(name: string, token: string | undefined, greets: boolean): Route {
  const folder = registryFolder();
  const who = `the service "${name}"`;
  const known = checkFolder(folder) ? readDescriptor(descriptorOf(folder, name)) : undefined;
  if (known === undefined) {
    throw connectError(
      `Cannot connect to ${who}: no service of this name is registered in ${folder}. Start it; listServices() tells which there are.`,
    );
  }
  const { path } = known.address;
  checkSocket(path, who);
  return { to: { path }, who, token: token ?? known.token, tls: undefined, greets };
}
