// docs/runtimes.md, by what a run of test:runtimes has found.

/**
 * @typedef {import("./report.mjs").Count} Count
 * @typedef {import("./sessions.mjs").Found} Found
 * @typedef {object} Result
 * @property {string} name
 * @property {string} version
 * @property {Count | undefined} tests vitest's, where vitest runs
 * @property {Found} parent as the parent of a Rust and a Node worker
 * @property {Found} worker as the worker of a Node parent
 * @property {string[]} failed the tests that failed
 * @property {string} [note]
 */

const HEAD = `# Runtimes

<!-- Made by \`npm run test:runtimes\`: change the script, not this file. -->

Which runtimes of JavaScript this was tried on, and what differs. On Node the tests of the packages and those with real
processes ran; on all of them the sessions of [test/runtimes](../test/runtimes), plain programs: requests, errors,
batches, streams, inputs, progress, cancellation, timeouts, large messages, MessagePack, restarts, the ends of workers
and of parents.

- **tests**: by vitest, which needs Node. What fails is run once more, by itself, and counts when it fails again.
- **as parent**: it starts a Rust worker and a Node worker.
- **as worker**: \`serveStdio\` runs there, under a Node parent.

`;

/**
 * @param {readonly Result[]} results
 * @param {string} machine
 */
export function pageOf(results, machine) {
  const rows = results.map((result) => {
    const { name, version, tests, parent, worker } = result;
    return `| ${name} ${version} | ${tests === undefined ? "" : testsInWords(tests)} | ${sessionsInWords(parent)} | ${sessionsInWords(worker)} | ${differencesOf(result).map(cell).join("<br>") || "nothing"} |`;
  });
  return `${HEAD}${machine}\n\n| runtime | tests | as parent | as worker | what differs |\n|---|---|---|---|---|\n${rows.join("\n")}\n`;
}

/**
 * All that is not as it is on the others, in words.
 * @param {Result} result
 */
function differencesOf({ parent, worker, failed, note }) {
  return [
    ...failed.map((name) => `**fails**: ${name}`),
    ...parent.problems.map((problem) => `**fails** as parent, ${problem}`),
    ...worker.problems.map((problem) => `**fails** as worker, ${problem}`),
    ...(note === undefined ? [] : [note]),
  ];
}

/** @param {Count} count */
function testsInWords({ passed, failed, skipped }) {
  return `${passed} passed${failed > 0 ? `, **${failed} failed**` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** @param {Found} found */
export function sessionsInWords({ passed, problems }) {
  return `${passed} passed${problems.length > 0 ? `, **${problems.length} failed**` : ""}`;
}

/** What a program has said must not end a cell, nor become markup. @param {string} text */
function cell(text) {
  return text.replace(/\|/g, "\\|").replace(/</g, "&lt;").replace(/\s+/g, " ");
}
