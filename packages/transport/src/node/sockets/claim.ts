import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, readdirSync, renameSync, rmSync, type Stats } from "node:fs";
import type { Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { codeOf, connectError, explain } from "./failures.js";
import { askWho, lifeAt } from "./probe.js";
import { isOurs } from "./registry.js";

const CLAIM = /^\.[0-9a-f]{8}$/;
/** A start takes milliseconds. */
const MAX_MS = 5_000;
const MODE = 0o600;
const UMASK = 0o177;

/** A server that listens, and a path that is its own. */
export interface Held {
  readonly server: Server;
  /** Removes the socket, if it is still the server's, so that the next one can have the path. */
  readonly release: () => void;
}

/**
 * Has a server listen at a path, which may have been left behind by a process that has gone. Of two that want it at once
 * exactly one gets it; docs/connect.md says how, and why that holds.
 *
 * @param makeServer makes a server that sends away whoever connects, until the path is its own
 * @param what the name or the path, for messages
 * @param lastKnown who had it last, for a holder that does not say
 */
export async function claimPath(
  path: string,
  makeServer: () => Server,
  what: string,
  lastKnown: () => number | undefined,
): Promise<Held> {
  const until = performance.now() + MAX_MS;
  const throwOnTaken = (): Promise<void> => assertFree(path, what, lastKnown);
  while (performance.now() < until) {
    await throwOnTaken();
    const claim = `${path}.${randomBytes(4).toString("hex")}`;
    const server = makeServer();
    await bind(server, claim, what);
    let isWon = false;
    try {
      isWon = await contend({ path, claim, what, until, throwOnTaken });
    } finally {
      if (!isWon) await withdraw(server, claim);
    }
    if (isWon) return { server, release: releaser(path) };
    await sleepKept(10 + Math.random() * 20);
  }
  throw connectError(
    `Cannot listen at ${what}: another process has been starting there for too long. Find it, stop it, and try again.`,
  );
}

async function assertFree(path: string, what: string, lastKnown: () => number | undefined): Promise<void> {
  const stats = look(path);
  if (stats === undefined) return;
  if (!stats.isSocket())
    throw connectError(`Cannot listen at ${what}: a file that is not a socket is there. Choose another path.`);
  const life = await lifeAt(path);
  if (life === "alive") {
    const said = await askWho(path);
    // It may have ended since.
    if (said === undefined && (await lifeAt(path)) !== "alive") return;
    const pid = said ?? lastKnown();
    const by = pid === undefined ? "another process" : `the process with the pid ${pid}`;
    throw connectError(`Cannot listen at ${what}: it is taken by ${by}. End that, or choose another.`);
  }
  if (life === "dead" && !isOurs(stats)) {
    throw connectError(`Cannot listen at ${what}: a socket of another user's (uid ${stats.uid}) was left there.`);
  }
}

/** With its mode from the beginning: nobody else can connect in between. */
function bind(server: Server, path: string, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(connectError(`Cannot listen at ${what}: ${explain(error)}`, error));
    };
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      resolve();
    });
    const before = isMainThread ? process.umask(UMASK) : undefined;
    try {
      server.listen({ path, exclusive: true, backlog: 1024 });
      // The mask belongs to the main thread.
      if (before === undefined) chmodSync(path, MODE);
    } catch (error) {
      fail(error);
    } finally {
      if (before !== undefined) process.umask(before);
    }
  });
}

interface Contest {
  readonly path: string;
  readonly claim: string;
  readonly what: string;
  readonly until: number;
  readonly throwOnTaken: () => Promise<void>;
}

/** Whether the path is the claim's now. False: somebody else goes first, or has taken the claim away. */
async function contend({ path, claim, what, until, throwOnTaken }: Contest): Promise<boolean> {
  const own = look(claim);
  let dead: string[];
  for (;;) {
    const others = claimsBeside(path, what).filter((other) => other !== claim);
    const lives = await Promise.all(others.map(async (other) => ({ other, life: await lifeAt(other) })));
    const alive = lives.filter(({ life }) => life === "alive").map(({ other }) => other);
    dead = lives.filter(({ life }) => life === "dead").map(({ other }) => other);
    if (alive.length === 0) break;
    // The smallest goes first, and the others give way.
    if (alive.some((other) => other < claim) || performance.now() > until) return false;
    await sleepKept(5);
  }
  // After the claims: one that has been renamed in the meantime is seen here.
  await throwOnTaken();
  if (!rename(claim, path) || !isSame(own, look(path))) return false;
  for (const other of dead) rmSync(other, { force: true });
  return true;
}

function claimsBeside(path: string, what: string): string[] {
  const [folder, file] = [dirname(path), basename(path)];
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(file) && CLAIM.test(name.slice(file.length)))
      .map((name) => join(folder, name));
  } catch (error) {
    throw connectError(`Cannot listen at ${what}: the folder ${folder} can't be read: ${explain(error)}`, error);
  }
}

/** False when the claim has gone. */
function rename(claim: string, path: string): boolean {
  try {
    renameSync(claim, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw connectError(`Cannot listen at ${path}: ${explain(error)}`, error);
  }
}

/** Node removes the file of a server that it closes, by the name that it was bound to. */
function withdraw(server: Server, claim: string): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      rmSync(claim, { force: true });
      resolve();
    });
  });
}

function releaser(path: string): () => void {
  const own = look(path);
  return () => {
    if (isSame(own, look(path))) rmSync(path, { force: true });
  };
}

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** The start keeps the process alive. */
function sleepKept(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
