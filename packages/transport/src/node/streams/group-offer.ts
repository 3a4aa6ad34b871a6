/**
 * How a worker hears that it leads a process group of its own: when its parent is killed, it takes along what it has
 * started. The variable alone says nothing, since others inherit it.
 */
const VARIABLE = "PROCWIRE_GROUP";

/** Whether workers are started as leaders of process groups. Windows has none. */
export const ownsGroups: boolean = process.platform !== "win32";

/** The variable to start a worker with. */
export function describeGroup(): Record<string, string> {
  return ownsGroups ? { [VARIABLE]: "1" } : {};
}

/** Whether this process leads a group that its parent has made for it. No child of this process hears of it. */
export function takeGroup(): boolean {
  const isOffered = process.env[VARIABLE] === "1";
  Reflect.deleteProperty(process.env, VARIABLE);
  return isOffered && ownsGroups && isLeader();
}

/** Kills this process and everything in its group. */
export function killOwnGroup(): void {
  process.kill(-process.pid, "SIGKILL");
}

/** A group has the id of the process that it was made for, so one with ours is the one that we lead. */
function isLeader(): boolean {
  try {
    process.kill(-process.pid, 0);
    return true;
  } catch {
    return false;
  }
}
