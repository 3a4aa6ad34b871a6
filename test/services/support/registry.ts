import { chmodSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A folder for the sockets of one file of tests, and its registry; short, because sockets have short paths. */
export interface OwnFolder {
  readonly path: string;
  /** Where names are registered. It is there once somebody has listened by name. */
  readonly registry: string;
  /** The files there whose names begin so. */
  readonly files: (prefix: string) => string[];
}

/** Gives the tests of a file, and the processes that they start, a registry of their own. */
export function useOwnRegistry(): OwnFolder {
  const before = process.env["XDG_RUNTIME_DIR"];
  const path = realpathSync(mkdtempSync(join(tmpdir(), "pw-")));
  const registry = join(path, "procwire");
  beforeAll(() => {
    process.env["XDG_RUNTIME_DIR"] = path;
  });
  afterAll(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, "XDG_RUNTIME_DIR");
    else process.env["XDG_RUNTIME_DIR"] = before;
    chmodSync(path, 0o700);
    rmSync(path, { recursive: true, force: true });
  });
  return { path, registry, files: (prefix) => filesOf(registry, prefix) };
}

function filesOf(registry: string, prefix: string): string[] {
  return readdirSync(registry)
    .filter((file) => file.startsWith(prefix))
    .sort();
}

/** What a process leaves behind that was killed while it listened there. */
export async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer();
  const bound = `${path}.gone`;
  await new Promise<void>((resolve) => server.listen(bound, resolve));
  renameSync(bound, path);
  // Node removes what it has bound, by the name that it had then.
  await new Promise((resolve) => server.close(resolve));
}
