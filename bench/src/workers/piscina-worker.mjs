// The thread of the piscina rival.

import { readlinkSync } from "node:fs";
import { methods } from "./methods.mjs";

/** @param {{ method: string, params: unknown }} task */
export default function answer({ method, params }) {
  return method === "thread" ? threadId() : methods[method]?.(params);
}

/** As the system numbers it; nothing where there is no /proc. */
function threadId() {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    return undefined;
  }
}
