import type { WorkerFault } from "@procwire/faults";
import { DEADLINE_MS, MAX_MEMORY_MIB, TIMEOUT_MS, type Cell, type Outcome } from "./contract.js";

/** All that docs/faults.md is made of; kept in docs/faults.json. */
export interface Data {
  readonly date: string;
  readonly machine: string;
  readonly clients: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly how: string;
  }[];
  readonly faults: readonly Pick<WorkerFault, "name" | "what">[];
  readonly cells: readonly Cell[];
}

/** Less is not told: it is what any use of Node's heap takes. */
const TOLD_FROM_MIB = 64;

export function pageOf({ date, machine, clients, faults, cells }: Data): string {
  const titles = clients.map(({ name, version }) => `${name} ${version}`);
  const head = `| a worker that | ${titles.join(" | ")} |\n|---|${"---|".repeat(titles.length)}`;
  const tried = faults.filter(({ name }) => cells.some(({ fault }) => fault === name));
  const rows = tried.map(({ name, what }) => {
    const own = clients.map(({ id }) => cells.find(({ client, fault }) => client === id && fault === name));
    return `| ${what}: \`${name}\` | ${own.map((cell) => (cell === undefined ? "" : inWords(cell))).join(" | ")} |`;
  });
  const uses = clients.map(({ name, version, how }) => `- **${name} ${version}**: ${how}.`);
  return `${introduction(date, machine)}\n${head}\n${rows.join("\n")}\n\n## How each was used\n\n${uses.join("\n")}\n\n${LEFT_OUT}`;
}

function introduction(date: string, machine: string): string {
  return `# What several clients do with a worker that misbehaves

Written by \`npm run faults:rivals\`, which starts [the misbehaving worker](fault-kit.md) once for each fault and client, and
puts what it saw into this table; all of it is in [faults.json](faults.json). Nothing here is written by hand.

- ${date}, ${machine}
- Each cell is one run, in a process of its own; the clients ran side by side, on a machine that had other work, so the
  milliseconds are rough. One request is answered; then the fault comes in place of an answer (or at the worker's start); then one more request is made, and the client is closed. A
  client that has a timeout was given ${TIMEOUT_MS} ms.
- The first words are what became of the request. **hung**: not settled after ${DEADLINE_MS} ms.
- "then" is told of the request after it, and of closing, unless they went well: answered; closed in less than a second.
- "+ MiB" is told from ${TOLD_FROM_MIB} on: memory of the client's process, at most, beyond that before the fault.
- **process died**: it ended by itself, without anybody asking for it, or had to be ended: above ${MAX_MEMORY_MIB} MiB, or stalled.
- "left": processes that were there a second after the client's own had ended.
- An empty cell: the client can't have that fault. Faults that are not in the table were not tried.
`;
}

const LEFT_OUT = `jayson 5.0.0 is not in the table: its clients speak HTTP, TCP, TLS and WebSocket, and none speaks to a child over its stdin
and stdout.
`;

/** What is out of the ordinary stands beside how the request went. */
function inWords({ request, next, close, growthMiB = 0, died, uncaught, left }: Cell): string {
  const parts = [request === undefined ? "" : outcomeInWords(request)];
  if (died !== undefined) parts.push(`**process died** (${uncaught ?? died})`);
  if (next !== undefined && next.how !== "answered") parts.push(`then ${outcomeInWords(next)}`);
  if (close !== undefined && (close.how !== "answered" || close.milliseconds >= 1_000)) {
    const how = close.how === "answered" ? `closed ${close.milliseconds} ms` : `close ${outcomeInWords(close)}`;
    parts.push(`then ${how}`);
  }
  if (growthMiB >= TOLD_FROM_MIB) parts.push(`+${growthMiB} MiB`);
  if (left > 0) parts.push(`${left} left`);
  return parts.filter((part) => part !== "").join("<br>");
}

function outcomeInWords({ how, milliseconds, note }: Outcome): string {
  if (how === "hung") return "**hung**";
  const why = note === undefined ? "" : ` (${note.replaceAll("|", "/")})`;
  return `${how} ${milliseconds} ms${why}`;
}
