/**
 * How a worker hears that it leads a process group of its own: when its parent is killed, it takes along what it has
 * started. The variable alone says nothing, since others inherit it.
 */
const VARIABLE = "PROCWIRE_GROUP";
/** Who that parent is: it may be gone before the worker can look. */
const PARENT_VARIABLE = "PROCWIRE_PARENT";

/** Whether workers are started as leaders of process groups. Windows has none. */
export const ownsGroups: boolean = process.platform !== "win32";

/** The variables to start a worker with. */
export function describeGroup(): Record<string, string> {
  return ownsGroups ? { [VARIABLE]: "1", [PARENT_VARIABLE]: String(process.pid) } : {};
}

/** Whether this process leads a group that its parent has made for it. No child of this process hears of it. */
export function takeGroup(): boolean {
  const isOffered = process.env[VARIABLE] === "1";
  Reflect.deleteProperty(process.env, VARIABLE);
  return isOffered && ownsGroups && isLeader();
}

/** The id of the process that has made the group; `undefined` where nobody says. No child of this process hears of it. */
export function takeMaker(): number | undefined {
  const pid = Number(process.env[PARENT_VARIABLE]);
  Reflect.deleteProperty(process.env, PARENT_VARIABLE);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
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
