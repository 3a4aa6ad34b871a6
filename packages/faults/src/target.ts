export type FramingName = "line" | "content-length" | "length";

/** What is said before the first request: nothing, or what a client of that protocol says. */
export type Hello = "none" | "mcp" | "lsp";

/** The worker that a hostile parent starts, and what is expected of it. */
export interface Target {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly framing?: FramingName;
  readonly hello?: Hello;
  /** A request that the worker answers, with a result or an error; by default one of a method that it can't know. */
  readonly method?: string;
  readonly params?: unknown;
  /** How long an answer may take. */
  readonly patienceMs?: number;
  /** How long the worker may live on without its parent. */
  readonly goneWithinMs?: number;
  /** How much memory it may take beyond what it has after its start, in MiB; looked at on Linux only. */
  readonly maxGrowthMiB?: number;
  /** `"ignore"` is the default. */
  readonly stderr?: "inherit" | "ignore";
}

export type FullTarget = Required<Omit<Target, "cwd">> & Pick<Target, "cwd">;

export function fillIn(target: Target): FullTarget {
  const defaults = {
    args: [],
    env: process.env,
    framing: "line" as const,
    hello: "none" as const,
    method: "procwire-faults/probe",
    params: {},
    patienceMs: 5_000,
    goneWithinMs: 1_000,
    maxGrowthMiB: 200,
    stderr: "ignore" as const,
  };
  return { ...defaults, ...target };
}
