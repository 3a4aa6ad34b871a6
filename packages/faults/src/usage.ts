import type { Described, WorkerFault } from "./index.js";

export const USAGE = `procwire-faults worker FAULT[=VALUE]... [--framing line|content-length|length] [--after N] [--always]

  Is a worker that misbehaves. The first request gets the first fault, the next one the second; those after them are
  answered. --after N: N requests are answered before. --always: no request is answered. Without a fault, each has a
  method: replyTwice for reply-twice.

procwire-faults parent [SCENARIO...] [OPTION...] -- WORKER [ARGUMENT...]

  Is a hostile parent: starts the worker for each scenario, and says what it did. All scenarios, if none is named.
  Ends with 0 if the worker did as it must in all of them, 1 if not, 2 if the command is wrong.

  --framing NAME       line (the default), content-length or length
  --hello NAME         first says hello as a client of mcp or lsp does
  --method NAME        what is requested to see whether it serves, --params JSON with these; any answer will do, an error,
                       too. The default is a method that it can't know
  --patience MS        how long an answer may take (5000)
  --gone-within MS     how long it may outlive its parent (1000)
  --max-growth MIB     how much memory it may take beyond that after its start (200)
  --stderr             shows its stderr
  --junit FILE         writes the results as JUnit does

procwire-faults list

  Names all faults and scenarios.`;

export function listing(faults: readonly WorkerFault[], scenarios: readonly Described[]): string {
  const atStart = faults.filter(({ when }) => when === "start");
  const onRequest = faults.filter(({ when }) => when === "request");
  return [
    "A worker that, from its start on,",
    ...atStart.map((fault) => row(withValue(fault), fault)),
    "\nA worker that, when it gets a request,",
    ...onRequest.map((fault) => row(withValue(fault), fault)),
    "\nA parent that",
    ...scenarios.map((scenario) => row(scenario.name, scenario)),
  ].join("\n");
}

function withValue({ name, value }: WorkerFault): string {
  return value === undefined ? name : `${name}[=${value.name.toUpperCase()}]`;
}

function row(title: string, { what, framings }: Described): string {
  const only = framings === undefined ? "" : ` (${framings.join(", ")})`;
  return `  ${title.padEnd(28)} ${what}${only}`;
}
