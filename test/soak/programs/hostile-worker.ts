// A worker for hostile trials: with a calm user, or with one who does what the trial says. Arguments: CODEC [TRIAL].

import { writeSync } from "node:fs";
import { serveStdio } from "@procwire/transport";
import { Book, inWords, isHostile } from "../hostile/book.js";
import { printToStdout, serveCalm } from "../hostile/calm.js";
import type { CodecName } from "../hostile/contract.js";
import { calmOptions, hostileOptions } from "../hostile/stage.js";
import { Hostility, TIMEOUT_MS } from "../hostile/trial.js";
import { trialOf } from "../hostile/trials.js";
import { Trouble } from "../hostile/trouble.js";
import { LoopLag } from "../lib/loop-lag.js";

const [codec = "json", name] = process.argv.slice(2);
const lag = new LoopLag();
lag.unref();
const abort = new AbortController();
const book = new Book(lag, TIMEOUT_MS.worker, abort.signal);

if (name === undefined) {
  serveCalm(serveStdio({}, calmOptions(codec as CodecName)), book, printToStdout);
} else {
  await play(name);
}

async function play(trialName: string): Promise<void> {
  const trial = trialOf(trialName);
  const trouble = new Trouble();
  trouble.start();
  const hostility = new Hostility(trial, book, abort);
  process.once("exit", () => {
    const violations = [...book.violations, ...trouble.takeNow()];
    const verdict = { violations, calls: book.calls, wasReached: hostility.acts > 0, lived: true };
    writeSync(2, `VERDICT ${JSON.stringify(verdict)}\n`);
  });
  // Console.error is what a worker's problems are printed by; here only the verdict matters.
  console.error = () => undefined;
  try {
    const channel = serveStdio({}, hostileOptions(trial.point, hostility.act, calmOptions(trial.codec)));
    serveCalm(channel, book, printToStdout);
    await hostility.play(trial, channel);
    hostility.disarm();
    // Hostile code may have closed it.
    await channel.notify("played").catch(() => undefined);
  } catch (error) {
    if (!isHostile(error)) book.violations.push(`serveStdio failed with ${inWords(error)}`);
    process.exit(0);
  }
}
