import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export function hasManyCpus(): boolean {
  return availableParallelism() > 1;
}

/** Whether this process is bound to one CPU, and the other one may run elsewhere. Only Linux tells. */
export function mayRunElsewhere(otherPid: number | undefined): boolean {
  if (otherPid === undefined) return false;
  const [own, other] = [allowedCpus("self"), allowedCpus(otherPid)];
  // Where more than one is allowed, this process has got a share of the time of all of them, which polling would use up.
  return own !== undefined && other !== undefined && isSingleBit(own) && (other & ~own) !== 0n;
}

function isSingleBit(mask: bigint): boolean {
  return mask !== 0n && (mask & (mask - 1n)) === 0n;
}

/** A bit for each CPU that a process may run on. */
function allowedCpus(process: number | "self"): bigint | undefined {
  try {
    const status = readFileSync(`/proc/${process}/status`, "latin1");
    const [, mask] = /^Cpus_allowed:\s*([\da-f,]+)$/m.exec(status) ?? [];
    return mask === undefined ? undefined : BigInt(`0x${mask.replaceAll(",", "")}`);
  } catch {
    // No Linux, or the process is gone.
    return undefined;
  }
}
