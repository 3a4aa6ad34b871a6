import { basename } from "node:path";
import type { Count, Data } from "./data.js";
import { promises, type Promised } from "./promises.js";

const HEAD = `# Reliability: what is promised, and what was found

Written by \`npm run reliability\`, which runs the soaks, the tests and the Rust worker's tests, and puts what they print
into this table; all of it is in [reliability.json](reliability.json). A soak is one of \`npm run soak -- NAME\`; the number
behind it is its \`--count\`, and \`--seed\` repeats its choices.

`;

/** What one proof of a promise says. */
interface Proof {
  readonly how: string;
  readonly tried: string;
  readonly found: string;
}

export function pageOf(data: Data): string {
  const rows = promises.flatMap((promised) => rowsOf(promised, proofsOf(promised, data)));
  return `${HEAD}${runOf(data)}\n| promise | how it is tested | how much was tried | what was found |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

function runOf({ machine, soaks, tests }: Data): string {
  const runs = soaks.map(({ name, times, seed }) => `\`${name} --count ${times} --seed ${seed}\``);
  const all = sum(Object.values(tests));
  const failed = all.failed > 0 ? `, **${all.failed} failed**` : "";
  const files = Object.keys(tests).length;
  return `- ${machine}\n- soaks: ${runs.join(", ")}\n- vitest: ${inWords(all)} in ${files} files${failed}\n`;
}

/** The promise itself stands in the first of its rows. */
function rowsOf({ id, says }: Promised, proofs: readonly Proof[]): string[] {
  const all = proofs.length > 0 ? proofs : [{ how: "not built yet", tried: "", found: "" }];
  return all.map(
    ({ how, tried, found }, at) => `| ${[at === 0 ? `**${id}**: ${says}` : "", how, tried, found].join(" | ")} |`,
  );
}

function proofsOf({ soaks = {}, tests = [], cargo = [] }: Promised, data: Data): Proof[] {
  return [
    ...Object.entries(soaks).map(([name, lines]) => proofBySoak(name, lines, data)),
    ...tests.map((path) => proofByCount(`\`${path}\``, filesUnder(path, data))),
    ...cargo.map((name) => proofByCount(`\`rust-worker/${name}.rs\``, countOf(data.cargo, basename(name)))),
  ];
}

function proofBySoak(name: string, lines: readonly string[], { soaks }: Data): Proof {
  const report = soaks.find((soak) => soak.name === name);
  const entries = (report?.entries ?? []).filter(({ what }) => lines.some((line) => what.startsWith(line)));
  if (entries.length === 0) throw new Error(`the soak ${name} has no line that begins with ${lines.join(" or ")}`);
  const broken = (report?.entries ?? []).filter(({ holds, isKnown }) => holds === false || isKnown === true);
  const tried = entries.map(({ what, figure }) => `${what.trim()}: ${figure}`).join("<br>");
  const found =
    broken.length === 0 ? "nothing" : broken.map(({ what, figure }) => `**${what.trim()}: ${figure}**`).join("<br>");
  return { how: `soak \`${name}\``, tried, found };
}

function proofByCount(how: string, counts: readonly Count[]): Proof {
  const total = sum(counts);
  if (total.passed + total.failed === 0) throw new Error(`${how} has run no test`);
  return { how, tried: inWords(total), found: total.failed === 0 ? "nothing" : `**${total.failed} failed**` };
}

/** A file's, or those of all files in a folder. */
function filesUnder(path: string, { tests }: Data): Count[] {
  return Object.entries(tests).flatMap(([file, count]) =>
    file === path || file.startsWith(`${path}/`) ? [count] : [],
  );
}

function countOf(counts: Readonly<Record<string, Count>>, name: string): Count[] {
  const count = counts[name];
  return count === undefined ? [] : [count];
}

function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((all, { passed }) => all + passed, 0),
    failed: counts.reduce((all, { failed }) => all + failed, 0),
  };
}

function inWords({ passed, failed }: Count): string {
  const total = passed + failed;
  return total === 1 ? "1 test" : `${total} tests`;
}
