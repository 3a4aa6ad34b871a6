// The misbehaving worker: worker.mjs [FAULT[=VALUE]...] [--framing NAME] [--after N] [--always]

import { checkArguments, namesNoFault, startWorker } from "./worker/start.mjs";

const args = process.argv.slice(2);
const problem = checkArguments(args);
if (problem === undefined) {
  startWorker(args, namesNoFault(args));
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}
