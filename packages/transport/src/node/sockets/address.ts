import { BlockList, isIP } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { refuse } from "../../checks/kinds.js";
import type { Check } from "../../checks/options.js";
import { isName, isWindows, MAX_PATH_BYTES } from "./registry.js";

export const DEFAULT_HOST = "127.0.0.1";
const MAX_TOKEN_BYTES = 4_000;
const MAX_PORT = 65_535;

/** Where a service listens. `connectChannel` takes it; what is secret, a token or a key, is to be added. */
export type ServiceAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export const serviceName: Check<string> = (value, place) => {
  if (typeof value !== "string") return refuse(TypeError, value, place, "the name of a service, a string");
  if (isName(value)) return value;
  const isPath = /[/\\]/.test(value);
  const advice = isPath ? `Write { path: ${JSON.stringify(value)} }.` : "";
  const expected = "a name of at most 63 characters: a-z, 0-9, and behind the first of them also . _ -";
  return refuse(RangeError, value, place, expected, advice);
};

/** The whole path of a local socket. The system would cut a longer one. */
export const socketPath: Check<string> = (value, place) => {
  const isUrl = value instanceof URL && value.protocol === "file:";
  const given = isUrl ? fileURLToPath(value) : value;
  if (typeof given !== "string" || given === "") {
    return refuse(TypeError, value, place, "a path, or a URL that begins with file:");
  }
  if (given.includes("\0")) return refuse(RangeError, value, place, "a path without NUL characters");
  if (isWindows) return given;
  const path = resolve(given);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  const advice = `The whole path has ${Buffer.byteLength(path)} bytes.`;
  return refuse(RangeError, value, place, `a path of at most ${MAX_PATH_BYTES} bytes, as sockets have it`, advice);
};

/** As `connect` takes it: a service may choose any port by 0. */
export const port: Check<number> = portFrom(1);
export const portOrAny: Check<number> = portFrom(0);

function portFrom(least: number): Check<number> {
  return (value, place) => {
    if (typeof value !== "number") return refuse(TypeError, value, place, "the number of a port");
    if (Number.isInteger(value) && value >= least && value <= MAX_PORT) return value;
    return refuse(RangeError, value, place, `the number of a port, from ${least} to ${MAX_PORT}`);
  };
}

export const hostName: Check<string> = (value, place) =>
  typeof value === "string" && /^[^\s\0/]+$/.test(value)
    ? value
    : refuse(TypeError, value, place, "the name or the address of a host");

/** The value is a secret: no message shows it. */
export const secret: Check<string> = (value, { where, name }) => {
  if (typeof value !== "string") throw new TypeError(`${where}: ${name} must be a string.`);
  const bytes = Buffer.byteLength(value);
  // eslint-disable-next-line no-control-regex -- these are what it must not have
  if (bytes > 0 && bytes <= MAX_TOKEN_BYTES && !/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw new RangeError(`${where}: ${name} must have 1 to ${MAX_TOKEN_BYTES} bytes, and no control characters.`);
};

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** Whether what listens there can be reached from this machine only. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  return loopback.check(host, family === 6 ? "ipv6" : "ipv4");
}

interface Safety {
  readonly hasToken: boolean;
  readonly hasTls: boolean;
  readonly verifiesClients: boolean;
  readonly isInsecure: boolean;
}

/** Throws a `TypeError` for a port that strangers could use: on this machine everybody can reach it, also web pages. */
export function assertSafe(host: string, { hasToken, hasTls, verifiesClients, isInsecure }: Safety): void {
  if (verifiesClients) return;
  const certificates = "client certificates: tls: { key, cert, ca }";
  if (!isLoopback(host)) {
    if (hasToken && hasTls) return;
    throw new TypeError(
      `listen: on ${host}, which others can reach, a service needs a token and TLS: token, tls: { key, cert }; or ${certificates}.`,
    );
  }
  if (hasToken || isInsecure) return;
  throw new TypeError(
    `listen: every program on this machine can reach a port. Give a token, such as randomBytes(32).toString("base64url"); ` +
      `or ${certificates}; or say insecure: true.`,
  );
}
