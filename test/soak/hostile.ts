import { playAll } from "./hostile/run.js";
import { randomTrials, shortTrials, trialsOf } from "./hostile/trials.js";
import type { Soak } from "./lib/contract.js";

/** Of the trials in memory the short run plays each so manieth, always the same ones. */
const EVERY = 11;

export const hostile: Soak = {
  name: "hostile",
  about: "N times user code throws, closes, aborts, re-enters, or never returns, wherever the library calls it",
  count: 20_000,
  short: 0,
  judgesTrouble: true,
  async run(times, ledger, random, only) {
    const trials = only !== undefined ? trialsOf(only) : times === 0 ? shortTrials(EVERY) : randomTrials(times, random);
    await playAll(trials, ledger, { reachesAll: only === undefined && times === 0 });
  },
};
