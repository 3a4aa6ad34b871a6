import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../support/paths.js";
import type { Entry } from "./ledger.js";

/** What a soak leaves for docs/reliability.md. */
export interface SoakReport {
  readonly name: string;
  readonly times: number;
  readonly seed: number;
  readonly entries: readonly Entry[];
}

const folder = join(root, "node_modules", ".cache", "procwire", "reliability");

/** The one of the last run takes the place of the one before. */
export function writeReport(report: SoakReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(pathOf(report.name), `${JSON.stringify(report, undefined, 2)}\n`);
}

/** So that a soak that fails midway has none. */
export function forgetReport(name: string): void {
  rmSync(pathOf(name), { force: true });
}

/** Throws when the soak has not been run. */
export function readReport(name: string): SoakReport {
  return JSON.parse(readFileSync(pathOf(name), "utf8")) as SoakReport;
}

function pathOf(name: string): string {
  return join(folder, `${name}.json`);
}
