import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { isFraming } from "../programs/worker/framing.mjs";
import { parentScenarios, runScenario, workerFaults, type Hello, type ScenarioResult, type Target } from "./index.js";
import { programFile } from "./programs.js";
import { explanationOf, junitOf, lineOf } from "./parent/report.js";
import { listing, USAGE } from "./usage.js";

/** What is wrong with the command line. */
class UsageError extends Error {}

const [command, ...rest] = process.argv.slice(2);
try {
  await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error instanceof Error && "code" in error && isOfParseArgs(error.code));
  if (!isUsage) throw error;
  process.stderr.write(`procwire-faults: ${error.message}\n`);
  process.exitCode = 2;
}

function isOfParseArgs(code: unknown): boolean {
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}

async function main(): Promise<void> {
  switch (command) {
    case "worker":
      process.argv.splice(2, 1);
      await import(pathToFileURL(programFile("worker.mjs")).href);
      return;
    case "parent":
      return runParent(rest);
    case "list":
      console.log(listing(workerFaults(), parentScenarios()));
      return;
    case undefined:
    case "help":
    case "--help":
    case "-h":
      console.log(USAGE);
      return;
    default:
      throw new UsageError(`There is no command ${command}: it is worker, parent or list.`);
  }
}

async function runParent(args: readonly string[]): Promise<void> {
  const end = args.indexOf("--");
  const [program, ...programArgs] = end === -1 ? [] : args.slice(end + 1);
  if (program === undefined)
    throw new UsageError("Name the worker after --, as in: procwire-faults parent -- ./my-worker");
  const { target, names, junit } = readOptions(args.slice(0, end));
  const results: ScenarioResult[] = [];
  for (const name of names) {
    const result = await runScenario(name, { ...target, command: program, args: programArgs });
    console.log(lineOf(result));
    results.push(result);
  }
  const failed = results.filter(({ failures }) => failures.length > 0);
  console.log(`\n${results.length - failed.length} passed, ${failed.length} failed`);
  for (const result of failed) console.log(explanationOf(result));
  if (junit !== undefined) writeFileSync(junit, junitOf(results));
  if (failed.length > 0) process.exitCode = 1;
}

interface Options {
  readonly target: Omit<Target, "command" | "args">;
  readonly names: readonly string[];
  readonly junit: string | undefined;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      framing: { ...text, default: "line" },
      hello: { ...text, default: "none" },
      method: text,
      params: text,
      patience: text,
      "gone-within": text,
      "max-growth": text,
      junit: text,
      stderr: { type: "boolean", default: false },
    },
  });
  const { framing, hello, method, params, patience, junit, stderr } = values;
  if (!isFraming(framing)) throw new UsageError(`--framing must be line, content-length or length, not "${framing}".`);
  if (!isHello(hello)) throw new UsageError(`--hello must be none, mcp or lsp, not "${hello}".`);
  const target = {
    ...{ framing, hello, stderr: stderr ? ("inherit" as const) : ("ignore" as const) },
    ...(method === undefined ? {} : { method }),
    ...(params === undefined ? {} : { params: parseJson(params) }),
    ...numberOption("patienceMs", "--patience", patience),
    ...numberOption("goneWithinMs", "--gone-within", values["gone-within"]),
    ...numberOption("maxGrowthMiB", "--max-growth", values["max-growth"]),
  };
  return { target, names: chooseScenarios(positionals, framing), junit };
}

function isHello(name: string): name is Hello {
  return ["none", "mcp", "lsp"].includes(name);
}

/** Those that are named, or all that the framing has. */
function chooseScenarios(named: readonly string[], framing: NonNullable<Target["framing"]>): string[] {
  const all = parentScenarios();
  const fits = all.filter(({ framings }) => framings?.includes(framing) !== false);
  const unknown = named.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no scenario ${unknown}: procwire-faults list names them all.`);
  const unfit = named.find((name) => !fits.some((one) => one.name === name));
  if (unfit !== undefined) throw new UsageError(`${unfit} makes no sense with --framing ${framing}.`);
  return named.length > 0 ? [...named] : fits.map(({ name }) => name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--params must be JSON, not ${text}`);
  }
}

function numberOption(name: string, flag: string, text: string | undefined): Record<string, number> {
  if (text === undefined) return {};
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${flag} must be a whole number above 0, not ${text}.`);
  return { [name]: value };
}
