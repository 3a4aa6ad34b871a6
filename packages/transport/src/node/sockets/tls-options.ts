import type { ConnectionOptions, TlsOptions } from "node:tls";
import { refuse } from "../../checks/kinds.js";
import { optionsOf, type Check, type OptionTable } from "../../checks/options.js";

/** What both sides of TLS can be told, in the words of Node's `tls`. */
type SharedTlsOptions = Pick<
  TlsOptions & ConnectionOptions,
  | "ca"
  | "cert"
  | "key"
  | "pfx"
  | "passphrase"
  | "crl"
  | "ciphers"
  | "sigalgs"
  | "ecdhCurve"
  | "minVersion"
  | "maxVersion"
  | "rejectUnauthorized"
>;

/** Of a service: a key and a certificate; with `ca`, clients must have certificates of that authority. */
export interface ServiceTlsOptions extends SharedTlsOptions {
  /** Whether clients must have a certificate. Default: true with `ca`. */
  readonly requestCert?: boolean | undefined;
}

/** Of a client. */
export interface ClientTlsOptions extends SharedTlsOptions {
  /** The name in the service's certificate, where it is not the `host`. */
  readonly servername?: string | undefined;
  readonly checkServerIdentity?: ConnectionOptions["checkServerIdentity"];
}

/** Node checks them, and says what is wrong. */
const forNode: Check<never> = (value) => value as never;

const SHARED: OptionTable<SharedTlsOptions> = {
  ca: forNode,
  cert: forNode,
  key: forNode,
  pfx: forNode,
  passphrase: forNode,
  crl: forNode,
  ciphers: forNode,
  sigalgs: forNode,
  ecdhCurve: forNode,
  minVersion: forNode,
  maxVersion: forNode,
  rejectUnauthorized: forNode,
};

export const SERVICE_TLS_OPTIONS: OptionTable<ServiceTlsOptions> = { ...SHARED, requestCert: forNode };
export const CLIENT_TLS_OPTIONS: OptionTable<ClientTlsOptions> = {
  ...SHARED,
  servername: forNode,
  checkServerIdentity: forNode,
};

const clientTls = optionsOf(CLIENT_TLS_OPTIONS);

/** True stands for no options: the certificate is one that Node trusts anyway. */
export const trueOrClientTls: Check<true | ClientTlsOptions> = Object.assign(
  (value: unknown, place: Parameters<typeof clientTls>[1]): true | ClientTlsOptions => {
    if (value === true) return value;
    if (typeof value === "object" && value !== null) return clientTls(value, place);
    return refuse(TypeError, value, place, "true, or an object such as { ca }");
  },
  { members: Object.keys(CLIENT_TLS_OPTIONS) },
);

/** With what clients are asked for certificates: an authority without the question would be of no use to a service. */
export function filledServiceTls(options: ServiceTlsOptions): ServiceTlsOptions {
  return { ...options, requestCert: options.requestCert ?? options.ca !== undefined };
}

/**
 * Whether nobody gets in without a certificate. Without `ca` of one's own a certificate of any authority in the world
 * would do.
 */
export function verifiesClients({ ca, requestCert, rejectUnauthorized }: ServiceTlsOptions): boolean {
  return ca !== undefined && requestCert === true && rejectUnauthorized !== false;
}
