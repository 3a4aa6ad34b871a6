// What the runners counted, and the summary line made of it.

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} [note] a failure that no test stands for
 */

/**
 * The part of vitest's JSON report that is read here.
 * @typedef {object} VitestReport
 * @property {{ name: string, status: string, assertionResults: { status: string, fullName: string }[] }[]} testResults
 */

/**
 * From vitest's JSON report. A file that could not even load counts as one failure, and so does a run that ended
 * badly although every test passed (an unhandled rejection, say).
 * @param {string | undefined} report the file's text; undefined when there is none
 * @param {number} exitCode
 * @returns {Count}
 */
export function countVitest(report, exitCode) {
  return neverSilent(countReport(report), exitCode);
}

/**
 * Of a run in which only the processes of some files died, without a failed test: these are run once more, by
 * themselves. `undefined` for any other run.
 * @param {string | undefined} report
 * @param {readonly string[]} unfinished the files' paths
 * @returns {Count | undefined} what the other files had
 */
export function countFinished(report, unfinished) {
  if (report === undefined || unfinished.length === 0) return undefined;
  const count = countReport(report, unfinished);
  return count.failed > 0 ? undefined : count;
}

/**
 * @param {string | undefined} report
 * @param {readonly string[]} without files that do not count
 * @returns {Count}
 */
function countReport(report, without = []) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  if (report !== undefined) {
    /** @type {VitestReport} */
    const { testResults } = JSON.parse(report);
    for (const { name, status, assertionResults } of testResults) {
      if (without.includes(name)) continue;
      const ended = (/** @type {string[]} */ ...how) =>
        assertionResults.filter((test) => how.includes(test.status)).length;
      count.passed += ended("passed");
      count.skipped += ended("pending", "skipped", "todo");
      // One for a file that failed without a test of its own.
      count.failed += Math.max(ended("failed"), status === "failed" ? 1 : 0);
    }
  }
  return count;
}

/**
 * From the `test result:` line of each test program cargo ran.
 * @param {string} output
 * @param {number} exitCode
 * @returns {Count}
 */
export function countCargo(output, exitCode) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const results = /test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/g;
  for (const [, passed, failed, ignored] of output.matchAll(results)) {
    count.passed += Number(passed);
    count.failed += Number(failed);
    count.skipped += Number(ignored);
  }
  return neverSilent(count, exitCode);
}

/**
 * From the two lines that unittest ends with: `Ran 12 tests in 1.2s`, and `OK (skipped=1)` or `FAILED (failures=1, errors=2)`.
 * @param {string} output
 * @param {number} exitCode
 * @returns {Count}
 */
export function countUnittest(output, exitCode) {
  const ran = Number(/^Ran (\d+) tests? in /m.exec(output)?.[1] ?? 0);
  const verdict = /^(?:OK|FAILED)(?: \((.*)\))?$/m.exec(output)?.[1] ?? "";
  const of = (/** @type {string} */ name) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(verdict)?.[1] ?? 0);
  const failed = of("failures") + of("errors") + of("unexpected successes");
  const skipped = of("skipped");
  // A test of which several subtests fail counts once for each of them.
  return neverSilent({ passed: Math.max(0, ran - failed - skipped), failed, skipped }, exitCode);
}

/**
 * @param {Count[]} counts
 * @returns {Count}
 */
export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** @param {Count} count */
export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed` + (skipped > 0 ? `, ${skipped} skipped` : "");
}

/**
 * A runner that crashed, or ran nothing, must not look like one that passed.
 * @param {Count} count
 * @param {number} exitCode
 * @returns {Count}
 */
function neverSilent(count, exitCode) {
  if (count.failed > 0) return count;
  if (count.passed === 0) return { ...count, failed: 1, note: `ran no test (exit code ${exitCode})` };
  if (exitCode !== 0) return { ...count, failed: 1, note: `no test failed, yet it ended with exit code ${exitCode}` };
  return count;
}
