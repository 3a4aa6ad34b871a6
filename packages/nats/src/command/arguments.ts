import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { credsAuthenticator, nkeyAuthenticator, type NodeConnectionOptions } from "@nats-io/transport-node";
import type { FramingName } from "@procwire/transport";
import { MAX_TIMER_MS } from "@procwire/transport/extend";

export const USAGE = `procwire-nats expose --service NAME --servers URL[,URL] [options] -- PROGRAM [ARGUMENT ...]

Starts workers, and offers them behind NATS as members of a service.

  --service NAME       the service's name: letters, digits, "-" and "_"
  --servers URLS       the NATS servers, with commas between them
  --size N             how many workers run here; default 1
  --version X.Y.Z      the service's version; default 0.0.0
  --description TEXT   what the service is, for the services API
  --prefix SUBJECT     where the subjects begin; default rpc
  --framing NAME       how the worker frames messages; default line-delimited
  --max-in-flight N    so many requests run at once in each worker; more are refused; default 4096
  --drain-ms N         how long SIGTERM waits for what is running; default 30000
  --token TEXT         NATS's token
  --user TEXT, --pass TEXT
  --creds FILE         NATS's credentials file
  --nkey FILE          a file with an NKey seed
  --tls-ca FILE, --tls-cert FILE, --tls-key FILE

Exit codes: 0 after SIGTERM or SIGINT; 1 when the server can't be reached, or the workers can't run; 2 for wrong use.`;

/** What was asked for is not what there is. */
export class WrongUse extends Error {}

export interface ExposeArguments {
  readonly service: string;
  readonly servers: readonly string[];
  readonly size: number;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly prefix: string | undefined;
  readonly framing: FramingName | undefined;
  readonly maxInFlight: number | undefined;
  readonly drainMs: number | undefined;
  readonly nats: NodeConnectionOptions;
  readonly program: string;
  readonly programArguments: readonly string[];
}

const TEXTS = [
  ...["service", "servers", "size", "version", "description", "prefix", "framing", "max-in-flight", "drain-ms"],
  ...["token", "user", "pass", "creds", "nkey", "tls-ca", "tls-cert", "tls-key"],
];

/** Throws `WrongUse`. `undefined`: help is wanted. */
export function readArguments(given: readonly string[]): ExposeArguments | undefined {
  const { values, positionals } = parsed(given);
  if (values["help"] === true) return undefined;
  const [verb, program, ...programArguments] = positionals;
  if (verb !== "expose") throw new WrongUse(`There is no command ${JSON.stringify(verb ?? "")}, only "expose".`);
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const [service, servers] = [text("service"), text("servers")];
  if (service === undefined) throw new WrongUse("--service is missing.");
  if (servers === undefined) throw new WrongUse("--servers is missing, such as --servers nats://127.0.0.1:4222.");
  if (program === undefined) throw new WrongUse("The worker's program is missing: it stands after --.");
  return {
    service,
    servers: servers.split(","),
    size: wholeNumber("size", text("size"), 1, 1_024) ?? 1,
    version: text("version"),
    description: text("description"),
    prefix: text("prefix"),
    framing: text("framing") as FramingName | undefined,
    maxInFlight: wholeNumber("max-in-flight", text("max-in-flight"), 1, Number.MAX_SAFE_INTEGER),
    drainMs: wholeNumber("drain-ms", text("drain-ms"), 0, MAX_TIMER_MS),
    nats: clientOptions(text),
    program,
    programArguments,
  };
}

function parsed(given: readonly string[]): ReturnType<typeof parseArgs> {
  const options = Object.fromEntries(TEXTS.map((name) => [name, { type: "string" } as const]));
  try {
    return parseArgs({
      args: [...given],
      allowPositionals: true,
      options: { ...options, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new WrongUse(`--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}

function clientOptions(text: (name: string) => string | undefined): NodeConnectionOptions {
  const [token, user, pass, creds, nkey] = ["token", "user", "pass", "creds", "nkey"].map(text);
  const [caFile, certFile, keyFile] = ["tls-ca", "tls-cert", "tls-key"].map(text);
  const tls = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
  return {
    ...(token && { token }),
    ...(user && { user }),
    ...(pass && { pass }),
    ...(creds && { authenticator: credsAuthenticator(read(creds)) }),
    ...(nkey && { authenticator: nkeyAuthenticator(new TextEncoder().encode(read(nkey).toString().trim())) }),
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}
