// Each soak in short, as the command runs it: in a process of its own, whose ledger is printed.

import { expect, test } from "vitest";
import { program } from "./lib/program.js";
import { runNode } from "../support/run.js";
import { typescript } from "../support/paths.js";

test
  .skipIf(process.platform !== "linux")
  .each([
    "kills",
    "reply-then-exit",
    "orphans",
    "cycles",
    "memory",
    "both-ways",
    "stderr",
    "hostile",
    "services",
    "pool",
    "crash-loop",
    "rust-client",
  ])(
  "%s",
  async (name) => {
    const ended = await runNode(["--expose-gc", ...typescript(program("../main.ts"), name, "--short")]);
    console.log(ended.stdout);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).not.toContain("FAILED");
  },
  60_000,
);
