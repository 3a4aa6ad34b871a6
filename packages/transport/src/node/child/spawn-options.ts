import { bool, listOf, refuse } from "../../checks/kinds.js";
import type { Check, OptionTable } from "../../checks/options.js";

/** How a worker is started. No shell is involved: the command is a program, each argument reaches it as it is. */
export interface SpawnOptions {
  /** Arguments of the command. */
  readonly args?: readonly string[] | undefined;
  /** The folder it runs in; the parent's by default. */
  readonly cwd?: string | URL | undefined;
  /** Variables on top of the parent's environment; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** False: the worker gets only `env`. */
  readonly extendEnv?: boolean | undefined;
  /**
   * Whether the worker is offered a pipe of its own for answers, on descriptor 3 and by the variable
   * `PROCWIRE_ANSWERS_FD`, so that nothing that is printed to its stdout can get between messages. `serveStdio` takes
   * it, other programs ignore it. Default: true for programs that run in Node, as far as the command's name tells.
   */
  readonly answerPipe?: boolean | undefined;
  /**
   * True: a small process beside this one kills the worker and what it has started when this process is killed. Workers
   * by `serveStdio` and the Rust library do that by themselves; it is for programs that may not. One guard serves all
   * workers, and ends with the last of them. Default false, because it costs a process.
   */
  readonly guard?: boolean | undefined;
}

/** The system ends a string at the first NUL. */
const systemString: Check<string> = (value, place) => {
  if (typeof value !== "string") return refuse(TypeError, value, place, "a string");
  return value.includes("\0") ? refuse(RangeError, value, place, "a string without NUL characters") : value;
};

/** Throws a `TypeError` for what names no file: an empty string, a URL of another kind. */
export const path: Check<string | URL> = (value, place) => {
  if (typeof value === "string" && value !== "") return systemString(value, place);
  if (value instanceof URL && value.protocol === "file:") return value;
  const advice = value instanceof URL ? `Its URL begins with ${value.protocol}` : "";
  return refuse(TypeError, value, place, "a path, or a URL that begins with file:", advice);
};

const variables: Check<Readonly<Record<string, string | undefined>>> = (value, place) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse(TypeError, value, place, 'an object of strings, such as { LANG: "C" }');
  }
  // Any name may be a variable, `__proto__` as well.
  const read = Object.create(null) as Record<string, string | undefined>;
  for (const [name, text] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    read[name] = text === undefined ? undefined : systemString(text, { ...place, name: `${place.name}.${name}` });
  }
  return read;
};

export const SPAWN_OPTIONS: OptionTable<SpawnOptions> = {
  args: listOf("an array of strings", systemString),
  cwd: path,
  env: variables,
  extendEnv: bool,
  answerPipe: bool,
  guard: bool,
};
