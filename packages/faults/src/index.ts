import { FAULTS, problemWith } from "../programs/worker/faults.mjs";
import { scenarios } from "./parent/scenarios/index.js";
import { programFile } from "./programs.js";
import type { FramingName } from "./target.js";

export { runScenario, type ScenarioResult } from "./parent/run.js";
export type { FramingName, Hello, Target } from "./target.js";

/** A misbehaviour by name. */
export interface Described {
  readonly name: string;
  /** Goes on from "a worker that ..." or "a parent that ...". */
  readonly what: string;
  /** Where it makes sense with some framings only. */
  readonly framings?: readonly FramingName[];
}

/** A fault of the misbehaving worker. */
export interface WorkerFault extends Described {
  /** From its start on, or instead of an answer. */
  readonly when: "start" | "request";
  /** What may stand after its name, as in `exit=7`: what that is, and what it usually is. */
  readonly value?: { readonly name: string; readonly usual: string | number };
}

export interface WorkerOptions {
  /** `"line"` is the default. */
  readonly framing?: FramingName;
  /** So many requests are answered honestly before. */
  readonly after?: number;
  /** Every request misbehaves; otherwise each fault does once, and the requests after it are answered. */
  readonly always?: boolean;
}

/** A program and its arguments. */
export interface WorkerCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The faults that `workerCommand` takes. */
export function workerFaults(): WorkerFault[] {
  return [...FAULTS].map(([name, { what, when, usual, framing }]) => {
    const [value] = Object.entries(usual ?? {}) as [string, string | number][];
    return {
      ...{ name, what, when },
      ...(value === undefined ? {} : { value: { name: value[0], usual: value[1] } }),
      ...(framing === undefined ? {} : { framings: framing.split(", ") as FramingName[] }),
    };
  });
}

/** The scenarios that `runScenario` takes. */
export function parentScenarios(): Described[] {
  return scenarios.map(({ name, what, framings }) => ({ name, what, ...(framings === undefined ? {} : { framings }) }));
}

/**
 * How to start the misbehaving worker: by Node itself, with nothing in between that would take its signals. Without faults
 * it has a method for each of them, `replyTwice` for `reply-twice`.
 *
 * @throws {RangeError} a fault that there isn't, or a value that it doesn't take
 */
export function workerCommand(faults: string | readonly string[] = [], options: WorkerOptions = {}): WorkerCommand {
  const words = typeof faults === "string" ? [faults] : faults;
  const [problem] = words.map((word) => problemWith(word)).filter((found) => found !== undefined);
  if (problem !== undefined) throw new RangeError(problem);
  const { framing = "line", after = 0, always = false } = options;
  const flags = ["--framing", framing, "--after", String(after), ...(always ? ["--always"] : [])];
  return { command: process.execPath, args: [programFile("worker.mjs"), ...words, ...flags] };
}
