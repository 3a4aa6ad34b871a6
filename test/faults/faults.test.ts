import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clients } from "../../bench/src/faults/clients.js";
import type { Cell } from "../../bench/src/faults/contract.js";
import { pageOf, type Data } from "../../bench/src/faults/page.js";
import { runCell } from "../../bench/src/faults/run-cell.js";
import { root } from "../support/paths.js";

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), "utf8").replaceAll("\r\n", "\n");
}

const data = JSON.parse(read("docs", "faults.json")) as Data;

test("docs/faults.md says what the last run saw; npm run faults:rivals writes it", () => {
  expect(pageOf(data)).toBe(read("docs", "faults.md"));
});

test("every client has cells", () => {
  for (const { id } of clients) expect(data.cells.filter(({ client }) => client === id).length, id).toBeGreaterThan(1);
});

test("none of our requests hung, no process of ours died, none was left but those that the fault left", () => {
  const own = data.cells.filter(({ client }) => client === "ours");
  const hung = own.filter(({ request, next, close }) =>
    [request, next, close].some((outcome) => outcome?.how === "hung"),
  );
  expect(hung).toEqual([]);
  expect(own.filter(({ died }) => died !== undefined)).toEqual([]);
  expect(own.filter(({ left, fault }) => left > (fault.includes("grandchild") ? 1 : 0))).toEqual([]);
});

describe("the words of a cell", () => {
  function wordsOf(cell: Omit<Cell, "client" | "fault">): string {
    const clientsOf = [{ id: "a", name: "a", version: "1", how: "" }];
    const faults = [{ name: "never", what: "never answers" }];
    const cells = [{ client: "a", fault: "never", ...cell }];
    const page = pageOf({ date: "", machine: "", clients: clientsOf, faults, cells });
    return /\| never answers: `never` \| (.*) \|/.exec(page)?.[1] ?? "";
  }
  const fine = { how: "answered", milliseconds: 3 } as const;

  test("are what became of the request, where all else is as usual", () => {
    expect(wordsOf({ request: { ...fine, note: "odd" }, next: fine, close: fine, growthMiB: 63, left: 0 })).toBe(
      "answered 3 ms (odd)",
    );
  });

  test("tell all that is out of the ordinary", () => {
    const hung = { how: "hung", milliseconds: 4_000 } as const;
    const close = { how: "answered", milliseconds: 1_000 } as const;
    expect(wordsOf({ request: hung, next: hung, close, growthMiB: 64, died: "SIGSEGV", left: 2 })).toBe(
      "**hung**<br>**process died** (SIGSEGV)<br>then **hung**<br>then closed 1000 ms<br>+64 MiB<br>2 left",
    );
  });
});

// It needs what `npm test` builds: the clients are used as they are installed.
test.skipIf(process.platform !== "linux" || !existsSync(join(root, "packages", "transport", "dist", "index.js")))(
  "a cell is run in a process of its own, and what it leaves is counted and ended",
  async () => {
    expect(await runCell("ours", "exit")).toMatchObject({
      request: { how: "rejected", note: "WORKER_EXITED" },
      left: 0,
    });
    expect(await runCell("ours", "leave-grandchild")).toMatchObject({ request: { how: "answered" } });
  },
  60_000,
);
