/** What Linux tells about a process; nothing elsewhere. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const KIB = 1024;

/** CPU time of all its threads that still live, in microseconds; `undefined` where the system doesn't say. */
export function cpuTimeUs(pid: number): number | undefined {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    const times = tasks.map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
    );
    return times.reduce((total, nanoseconds) => total + nanoseconds, 0) / 1000;
  } catch {
    return undefined;
  }
}

export interface MemoryUse {
  readonly now: number;
  readonly peak: number;
}

/** Resident bytes, now and at most since `resetPeak`. */
export function memoryOf(pid: number): MemoryUse | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return { now: field(status, "VmRSS"), peak: field(status, "VmHWM") };
  } catch {
    return undefined;
  }
}

/** Lets the peak begin again at what is resident now. False where that can't be had. */
export function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    return true;
  } catch {
    return false;
  }
}

/** The processes that this one has started and that have not ended; none where the system doesn't say. */
export function ownChildren(): number[] {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
    return children.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function field(status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`no ${name}`);
  return Number(kibibytes) * KIB;
}
