#!/usr/bin/env node
/** The command `procwire-nats`. */

import { readArguments, USAGE, WrongUse, type ExposeArguments } from "./command/arguments.js";
import { expose, type Log } from "./command/expose.js";

const log: Log = (level, text) => {
  process.stderr.write(`${new Date().toISOString()} ${level} ${text}\n`);
};

async function run(): Promise<number> {
  let given: ExposeArguments | undefined;
  try {
    given = readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return 2;
  }
  if (given === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    // Not `once`: where nobody else listens, whoever cleans up after workers ends the process.
    process.on(signal, () => {
      stop.abort();
    });
  }
  return expose(given, stop.signal, log);
}

process.exitCode = await run();
