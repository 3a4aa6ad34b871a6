import { readFileSync } from "node:fs";
import type { Vitals } from "../../supervise/contract.js";

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own clock is. */
const TICK_MS = 10;
/** Places behind the name of the program, which may hold anything, blanks and brackets included. */
const STATE = 0;
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** What Linux says of a process, all of its threads together; `undefined` elsewhere, and when there is none. */
export function vitalsOf(pid: number): Vitals | undefined {
  if (process.platform !== "linux") return undefined;
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // It has gone, or `/proc` may not be read.
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[STATE] ?? "";
  return {
    isStopped: state === "T" || state === "t",
    isRunning: state === "R" || state === "D",
    cpuMs: TICK_MS * (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])),
  };
}
