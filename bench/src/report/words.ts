import { machineInWords } from "../machine.js";
import type { CpuPair } from "../pinning.js";
import { formatNumber } from "./layout.js";
import type { Results } from "./results.js";
import type { Verdict } from "./targets.js";

export const HOW_TO_READ =
  "x: ratio to the better of the two hand-written loops. Lower is better for us, ms and MiB, higher for /s and MiB/s. " +
  "± is half the distance from the worst round to the best.";

export function pinningInWords(cpus: CpuPair | { readonly unpinned: string }): string {
  if ("unpinned" in cpus) return `not pinned, because ${cpus.unpinned}: the latencies depend on the scheduler`;
  return `latency is measured with the parent on CPU ${cpus.parent} and the worker on CPU ${cpus.worker}`;
}

export function runInWords({ date, seconds, pace, machine }: Results): string {
  const kind = pace.quick ? "a quick run: noisy" : "a full run";
  return `${date.slice(0, 16).replace("T", " ")} UTC, ${kind}, ${Math.round(seconds)} s; ${machineInWords(machine)}`;
}

/** `met` or `missed by`, and why. */
export function verdictInWords({ what, wanted, measured, met, missedBy }: Verdict): string {
  const outcome = met ? "met" : `missed by ${percent(missedBy)}`;
  return `${outcome.padEnd(15)} ${what}: ${precisely(measured)}, wanted ${wanted}`;
}

/** A digit more than in the tables: 0.895 is not 0.9. */
export function precisely(measured: number): string {
  return Math.abs(measured) < 100 ? measured.toFixed(3) : formatNumber(measured);
}

export function percent(share: number): string {
  const value = share * 100;
  if (share !== 0 && Math.abs(value) < 0.05) return "less than 0.1%";
  return `${Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

export function failuresInWords({ cells, rivals, scenarios }: Results): string[] {
  return cells.flatMap(({ rival, scenario, failure }) => {
    if (failure === undefined) return [];
    const name = rivals.find(({ id }) => id === rival)?.name ?? rival;
    const title = scenarios.find(({ id }) => id === scenario)?.title ?? scenario;
    return [`${name} failed in "${title}": ${failure}`];
  });
}
