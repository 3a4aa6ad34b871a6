import { readdirSync } from "node:fs";
import { basename } from "node:path";
import type { ServiceAddress } from "./sockets/address.js";
import { readDescriptor } from "./sockets/descriptor.js";
import { lifeAt } from "./sockets/probe.js";
import { checkFolder, descriptorOf, isName, registryFolder } from "./sockets/registry.js";

/** A service of this user's, as it has registered itself. */
export interface ServiceInfo {
  readonly name: string;
  readonly pid: number;
  /** When it began to listen, as `Date.now()` has it. */
  readonly startedAt: number;
  /** The methods that it serves, sorted. */
  readonly methods: readonly string[];
  readonly address: ServiceAddress;
}

/**
 * The services of this user that are registered by name and alive, which is seen by connecting to each. Rejects with
 * `CONNECT_FAILED` when the folder of names is not safe.
 */
export async function listServices(): Promise<ServiceInfo[]> {
  const folder = registryFolder();
  if (!checkFolder(folder)) return [];
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"))
    .filter(isName)
    .sort();
  const infos = await Promise.all(names.map((name) => infoOf(name, descriptorOf(folder, name))));
  return infos.filter((info) => info !== undefined);
}

async function infoOf(name: string, file: string): Promise<ServiceInfo | undefined> {
  const known = readDescriptor(file);
  if (known?.name !== name || (await lifeAt(known.address.path)) !== "alive") return undefined;
  const { pid, startedAt, methods, address } = known;
  return { name, pid, startedAt, methods, address };
}
