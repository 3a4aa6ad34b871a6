import type { ScenarioResult } from "./run.js";

/** A line per scenario: whether the worker did as it must, and what was seen. */
export function lineOf({ scenario, failures, notes, growthMiB, milliseconds }: ScenarioResult): string {
  const verdict = failures.length === 0 ? "ok    " : "FAILED";
  const growth = growthMiB === undefined || growthMiB < 1 ? [] : [`+${Math.round(growthMiB)} MiB`];
  const seen = [...failures, ...notes, ...growth].join("; ");
  return `${verdict}  ${scenario.padEnd(24)} ${(milliseconds / 1000).toFixed(1).padStart(5)} s  ${seen}`;
}

/** What was asked of it, for those that failed. */
export function explanationOf({ scenario, what, must }: ScenarioResult): string {
  return `${scenario}: under a parent that ${what}, a worker ${must}`;
}

export function junitOf(results: readonly ScenarioResult[]): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const cases = results.map((result) => {
    const name = `under a parent that ${result.what}, a worker ${result.must}`;
    const head = `  <testcase classname="procwire-faults.${result.scenario}" name="${escape(name)}" time="${inSeconds(result)}"`;
    if (result.failures.length === 0) return `${head} />`;
    const [first = ""] = result.failures;
    const body = escape([...result.failures, ...result.notes].join("\n"));
    return `${head}>\n    <failure message="${escape(first)}">${body}</failure>\n  </testcase>`;
  });
  const suite = `<testsuite name="procwire-faults parent" tests="${results.length}" failures="${failed}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suite}\n${cases.join("\n")}\n</testsuite>\n`;
}

function inSeconds({ milliseconds }: ScenarioResult): string {
  return (milliseconds / 1000).toFixed(3);
}

/** XML has no way to write most control characters, so they are left out. */
function escape(text: string): string {
  const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // eslint-disable-next-line no-control-regex
  const printable = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");
  return printable.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}
