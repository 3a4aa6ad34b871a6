import type { AddressInfo, Server } from "node:net";
import type { ServiceAddress } from "./address.js";
import { claimPath } from "./claim.js";
import { newId, readDescriptor, removeDescriptor, writeDescriptor } from "./descriptor.js";
import { connectError, explain } from "./failures.js";
import { isWindows, prepareName } from "./registry.js";

/** Where a service is to listen. */
export type Place =
  | { readonly name: string; readonly methods: readonly string[]; readonly pipeToken: string | undefined }
  | { readonly path: string }
  | { readonly host: string; readonly port: number };

/** A server that listens at its place. */
export interface OpenedPlace {
  readonly server: Server;
  readonly address: ServiceAddress;
  /** Takes away what keeps the next one from listening there, as far as it is still this one's. */
  readonly release: () => void;
}

/**
 * Rejects with `CONNECT_FAILED`.
 *
 * @param makeServer makes a server that sends away whoever connects before this has resolved
 */
export function openPlace(place: Place, makeServer: () => Server): Promise<OpenedPlace> {
  if ("name" in place) return openName(place, makeServer);
  if ("path" in place) return openPath(place.path, makeServer, place.path, () => undefined);
  return openPort(place, makeServer);
}

async function openName(
  { name, methods, pipeToken }: Extract<Place, { name: string }>,
  makeServer: () => Server,
): Promise<OpenedPlace> {
  const { socket: path, descriptor: file } = prepareName(name);
  const what = `the name "${name}"`;
  const opened = await openPath(path, makeServer, what, () => readDescriptor(file)?.pid);
  const id = newId();
  const about = { name, pid: process.pid, startedAt: Date.now(), methods: [...methods].sort(), address: { path }, id };
  try {
    writeDescriptor(file, pipeToken === undefined ? about : { ...about, token: pipeToken });
  } catch (error) {
    opened.release();
    opened.server.close();
    throw connectError(`Cannot listen at ${what}: ${file} can't be written: ${explain(error)}`, error);
  }
  const release = (): void => {
    removeDescriptor(file, id);
    opened.release();
  };
  return { ...opened, release };
}

async function openPath(
  path: string,
  makeServer: () => Server,
  what: string,
  lastKnown: () => number | undefined,
): Promise<OpenedPlace> {
  // The system takes care of pipes: one process has a name, for as long as it lives.
  const held = isWindows
    ? { server: await listening(makeServer(), { path }, what), release: () => undefined }
    : await claimPath(path, makeServer, what, lastKnown);
  return { ...held, address: { path } };
}

async function openPort(
  { host, port }: Extract<Place, { port: number }>,
  makeServer: () => Server,
): Promise<OpenedPlace> {
  const server = await listening(makeServer(), { host, port }, `${host}:${port}`);
  const bound = server.address() as AddressInfo;
  return { server, address: { host, port: bound.port }, release: () => undefined };
}

function listening(server: Server, options: object, what: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(connectError(`Cannot listen at ${what}: ${explain(error)}`, error));
    };
    server.once("error", fail).listen({ ...options, exclusive: true, backlog: 1024 }, () => {
      server.off("error", fail);
      resolve(server);
    });
  });
}
