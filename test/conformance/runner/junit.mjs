// The report that continuous integration reads.

/** @typedef {import("./run.mjs").Result} Result */

/** @param {readonly { title: string, results: readonly Result[] }[]} suites */
export function junit(suites) {
  const body = suites.map(({ title, results }) => {
    const failed = results.filter(({ failure }) => failure !== undefined).length;
    return [
      `  <testsuite name="${escaped(title)}" tests="${results.length}" failures="${failed}">`,
      ...results.map((result) => testCase(title, result)),
      "  </testsuite>",
    ].join("\n");
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="procwire-conformance">\n${body.join("\n")}\n</testsuites>\n`;
}

/**
 * @param {string} title
 * @param {Result} result
 */
function testCase(title, { name, ms, failure, rule }) {
  const open = `    <testcase classname="${escaped(title)}" name="${escaped(name)}" time="${(ms / 1000).toFixed(3)}"`;
  return failure === undefined
    ? `${open}/>`
    : `${open}><failure message="${escaped(rule)}">${escaped(failure)}</failure></testcase>`;
}

/** @param {string} text */
function escaped(text) {
  const entities = new Map([
    ["&", "&amp;"],
    ["<", "&lt;"],
    [">", "&gt;"],
    ['"', "&quot;"],
  ]);
  // XML has no way to write other control characters.
  return text
    .replaceAll(/[&<>"]/g, (found) => entities.get(found) ?? "")
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/gu, "?");
}
