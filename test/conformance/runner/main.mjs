#!/usr/bin/env node
// procwire-conformance: plays the sessions of the protocol to any worker, and says which rules it keeps.
//
//   npx procwire-conformance -- ./my-worker
//   npx procwire-conformance --level base -- ./my-worker
//   npx procwire-conformance --junit report.xml -- ./my-worker --framing {framing} --codec {codec}
//
// With {framing} and {codec} in the command it is started with each pair; without, with --framing and --codec.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { junit } from "./junit.mjs";
import { runSessions } from "./run.mjs";
import { VARIANTS } from "./wire.mjs";

const USAGE = `usage: procwire-conformance [--level base|full] [--framing line|length|content-length] [--codec json|msgpack]
                            [--only TEXT] [--junit FILE] -- COMMAND [ARGUMENT...]
In the command, {framing} and {codec} stand for what it is started with. The methods that a worker must serve are in
test/conformance/README.md.`;

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} argv
 * @returns {Promise<number>}
 */
async function main(argv) {
  const at = argv.indexOf("--");
  const command = at < 0 ? [] : argv.slice(at + 1);
  const options = parse(at < 0 ? argv : argv.slice(0, at));
  if (options === undefined || command.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const variants = variantsFor(command, options);
  if (variants.length === 0) {
    console.error(`There is no framing ${options.framing} with the codec ${options.codec}.\n${USAGE}`);
    return 2;
  }
  const suites = [];
  for (const variant of variants) {
    const title = `${variant.framing}, ${variant.codec}`;
    const results = await runSessions(command, variant, options);
    suites.push({ title, results });
    report(title, results);
  }
  if (options.junit !== undefined) writeFileSync(options.junit, junit(suites));
  const all = suites.flatMap(({ results }) => results);
  const failed = all.filter(({ failure }) => failure !== undefined).length;
  if (all.length === 0) console.error(`No session is named ${options.only}.`);
  console.log(`\n${all.length - failed} passed, ${failed} failed`);
  return failed === 0 && all.length > 0 ? 0 : 1;
}

/** @param {string[]} args */
function parse(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        level: { type: "string", default: "full" },
        framing: { type: "string", default: "line" },
        codec: { type: "string", default: "json" },
        only: { type: "string", default: "" },
        junit: { type: "string" },
      },
    });
    return ["base", "full"].includes(values.level) ? values : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {readonly string[]} command
 * @param {{ framing: string, codec: string }} options
 */
function variantsFor(command, { framing, codec }) {
  const chooses = (/** @type {string} */ name) => command.some((word) => word.includes(name));
  return VARIANTS.filter(
    (variant) =>
      (chooses("{framing}") || variant.framing === framing) && (chooses("{codec}") || variant.codec === codec),
  );
}

/**
 * @param {string} title
 * @param {readonly import("./run.mjs").Result[]} results
 */
function report(title, results) {
  const failures = results.filter(({ failure }) => failure !== undefined);
  const passed = results.length - failures.length;
  console.log(
    `${failures.length === 0 ? "ok    " : "FAILED"}  ${title.padEnd(24)} ${passed} of ${results.length} sessions`,
  );
  for (const { name, rule, failure = "", stderr = "" } of failures) {
    console.log(`\n  ${name}\n    rule: ${rule}\n    ${failure}`);
    if (stderr.trim() !== "") console.log(stderr.trim().replaceAll(/^/gm, "    stderr: "));
  }
}
