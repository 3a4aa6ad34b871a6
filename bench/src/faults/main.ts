/**
 * The fault kit on several clients; `npm run faults:rivals`.
 *
 *   npm run faults:rivals -- ours exit never  these clients, or these faults, or these of these, again; the rest stays as the
 *                                             last run left it
 *   npm run faults:rivals -- ours:never       one cell, printed and not kept
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { workerFaults } from "@procwire/faults";
import { describeMachine, machineInWords } from "../machine.js";
import { clients } from "./clients.js";
import type { Cell, Client } from "./contract.js";
import { pageOf, type Data } from "./page.js";
import { runCell } from "./run-cell.js";
import { versionOf } from "./versions.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const jsonFile = join(root, "docs", "faults.json");
/** It does what it is told in hex, and nothing by itself. */
const faults = workerFaults().filter(({ name }) => name !== "lie");

const words = process.argv.slice(2);
const [client = "", fault] = (words[0] ?? "").split(":");
if (fault === undefined) await runAll(words);
else console.log(JSON.stringify(await runCell(client, fault), undefined, 2));

async function runAll(chosen: readonly string[]): Promise<void> {
  const old = before();
  // Most of the time is spent waiting: side by side.
  const cells = await Promise.all(clients.map((client) => runClient(client, chosen, old)));
  const data: Data = {
    date: new Date().toISOString().slice(0, 10),
    machine: machineInWords({ ...describeMachine(), load: 0 }),
    clients: clients.map(({ id, name, how }) => ({ id, name, version: versionOf(id), how })),
    faults: faults.map(({ name, what }) => ({ name, what })),
    cells: cells.flat(),
  };
  writeFileSync(jsonFile, `${JSON.stringify(data, undefined, 2)}\n`);
  writeFileSync(join(root, "docs", "faults.md"), pageOf(data));
  console.log("docs/faults.md is written");
}

/** What was chosen is run; the rest is as it was. */
async function runClient(client: Client, chosen: readonly string[], old: readonly Cell[]): Promise<Cell[]> {
  const { id, framings, faults: only } = client;
  const isChosen = (names: readonly string[], name: string): boolean =>
    !chosen.some((word) => names.includes(word)) || chosen.includes(name);
  const isAsked = isChosen(
    clients.map((one) => one.id),
    id,
  );
  const names = faults.map(({ name }) => name);
  const cells: Cell[] = [];
  for (const { name, framings: needed } of faults) {
    const fits = framings.some((framing) => needed?.includes(framing) ?? true);
    if (!fits || only?.includes(name) === false) continue;
    if (isAsked && isChosen(names, name)) cells.push(await runTold(id, name));
    else cells.push(...old.filter((cell) => cell.client === id && cell.fault === name));
  }
  return cells;
}

async function runTold(id: string, name: string): Promise<Cell> {
  const cell = await runCell(id, name);
  const { how = "nothing", milliseconds = 0 } = cell.request ?? {};
  console.log(`${id.padEnd(16)} ${name.padEnd(22)} ${how} ${milliseconds} ms ${cell.died ?? ""}`);
  return cell;
}

/** What the last run found. */
function before(): readonly Cell[] {
  return existsSync(jsonFile) ? (JSON.parse(readFileSync(jsonFile, "utf8")) as Data).cells : [];
}
