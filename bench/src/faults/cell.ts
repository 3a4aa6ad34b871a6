/** One client with one fault, in a process of its own: cell.ts CLIENT FAULT. Tells its parent each thing as it happens. */
import { readFileSync } from "node:fs";
import { workerCommand, workerFaults } from "@procwire/faults";
import { clients } from "./clients.js";
import { DEADLINE_MS, START_MS, TIMEOUT_MS, type Cell, type Outcome, type Session } from "./contract.js";

/** Time for what comes too late, such as an error that nobody handles. */
const AFTERMATH_MS = 200;

const [clientId, faultName] = process.argv.slice(2);
const client = clients.find(({ id }) => id === clientId);
const fault = workerFaults().find(({ name }) => name === faultName);
if (client === undefined || fault === undefined) throw new Error(`cell.ts CLIENT FAULT, not ${process.argv.join(" ")}`);

const framing = client.framings.find((own) => fault.framings?.includes(own) ?? true) ?? "line";
// The first request is answered, so that the start of the worker is not in the time of the second.
const hasStart = fault.when === "request";
const { command, args } = workerCommand(fault.name, { framing, after: hasStart ? 1 : 0 });

process.on("uncaughtExceptionMonitor", (error) => tell({ uncaught: reasonOf(error) }));

// Loading a client takes a while, which is no part of how it starts a worker at fault.
if (!hasStart) {
  const honest = workerCommand("never", { framing, after: 1_000 });
  const other = await client.start(honest.command, honest.args, framing, fault.name);
  await other.close();
}

let session: Session | undefined;
const start = client.start(command, args, framing, fault.name).then(async (started) => {
  session = started;
  if (hasStart) await started.request(START_MS);
});
const started = await outcomeOf(start, hasStart ? START_MS : DEADLINE_MS);
const before = resident("VmRSS");
if (session === undefined || (hasStart && started.how !== "answered")) {
  tell({ request: started });
} else {
  tell({ request: await outcomeOf(requestOf(session)) });
  tell({ next: await outcomeOf(requestOf(session)) });
}
if (session !== undefined) tell({ close: await outcomeOf(closeOf(session)) });
await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
tell({ growthMiB: Math.max(0, Math.round((resident("VmHWM") - before) / 1024)) });
process.exit(0);

/** A client that throws where others reject has told its caller as well. */
async function requestOf(from: Session): Promise<unknown> {
  return from.request(TIMEOUT_MS);
}

async function closeOf(from: Session): Promise<void> {
  await from.close();
}

function tell(part: Partial<Cell>): void {
  process.send?.(part);
}

async function outcomeOf(promise: Promise<unknown>, deadlineMs = DEADLINE_MS): Promise<Outcome> {
  const since = performance.now();
  const took = (): number => Math.round(performance.now() - since);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ how: "hung", milliseconds: took() }), deadlineMs);
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    promise.then(
      (value) => settle({ how: "answered", milliseconds: took(), ...oddityOf(value) }),
      (error: unknown) => settle({ how: "rejected", milliseconds: took(), note: reasonOf(error) }),
    );
  });
}

function oddityOf(value: unknown): { readonly note?: string } {
  if (Object.hasOwn(Object.prototype, "polluted")) return { note: "Object.prototype is changed" };
  if (isObject(value) && "polluted" in value) return { note: "its prototype is changed" };
  const text = isObject(value) && typeof value["text"] === "string" ? value["text"] : "";
  return text.includes("\ufffd") ? { note: "bytes are replaced" } : {};
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 40);
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string" || typeof code === "number") return String(code);
  return `${error.name}: ${error.message}`.replaceAll(/\s+/g, " ").slice(0, 40);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** KiB, where the system says. */
function resident(field: string): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
