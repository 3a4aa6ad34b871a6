import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startFailure } from "./start-failure.js";

/** A program, and what stands between its name and the arguments of the user. */
export interface Program {
  readonly command: string | URL;
  readonly firstArgs: readonly string[];
}

const SCRIPT = /\.[cm]?[jt]s$/i;
const TYPESCRIPT = /\.[cm]?ts$/i;
/** Options of Node that say how files are found and loaded: what loads the parent's files loads the worker's. */
const LOADING =
  /^(?:--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--(?:no-)?experimental-(?:strip|transform)-types|--(?:no-)?strip-types|--enable-source-maps|--preserve-symlinks(?:-main)?|--no-warnings|--disable-warning)(?:=|$)/;
/** Those of them that have a value, which may be the next argument. */
const WITH_VALUE = /^(?:--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--disable-warning)$/;

/**
 * The URL of a script of JavaScript or TypeScript is run by this Node, as this program is: through tsx, where that runs this
 * program. Anything else is a program by itself. Throws `SPAWN_FAILED` for a script that can't be run.
 */
export function programOf(command: string | URL): Program {
  if (typeof command === "string" || !SCRIPT.test(command.pathname)) return { command, firstArgs: [] };
  const script = fileURLToPath(command);
  const loading = loadingArgs(process.execArgv);
  assertRunnable(script, loading);
  return { command: process.execPath, firstArgs: [...loading, script] };
}

export function loadingArgs(execArgv: readonly string[]): string[] {
  const args: string[] = [];
  for (let at = 0; at < execArgv.length; at++) {
    const arg = execArgv[at] ?? "";
    if (!LOADING.test(arg)) continue;
    args.push(arg);
    const value = WITH_VALUE.test(arg) ? execArgv[++at] : undefined;
    if (value !== undefined) args.push(value);
  }
  return args;
}

function assertRunnable(script: string, loading: readonly string[]): void {
  if (statSync(script, { throwIfNoEntry: false })?.isFile() !== true) {
    throw startFailure(
      script,
      "there is no such file (ENOENT). Is it built, and is the URL right?",
      new Error("ENOENT"),
    );
  }
  if (!TYPESCRIPT.test(script) || runsTypeScript(loading)) return;
  const advice = `Node ${process.versions.node} runs no TypeScript by itself: start this program by tsx, or compile the worker.`;
  throw startFailure(script, advice, new Error("ERR_UNKNOWN_FILE_EXTENSION"));
}

function runsTypeScript(loading: readonly string[]): boolean {
  // Of a loader nobody can tell what it loads.
  const hasLoader = loading.some((arg) => /^(?:--import|--require|-r|--loader|--experimental-)/.test(arg));
  const { features } = process as { readonly features: { readonly typescript?: unknown } };
  const isNode = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
  const inherits = /--(?:import|require|loader|experimental-)|-r /.test(process.env["NODE_OPTIONS"] ?? "");
  return hasLoader || inherits || Boolean(features.typescript) || !isNode;
}
