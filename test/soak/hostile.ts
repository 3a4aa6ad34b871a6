import { playAll } from "./hostile/run.js";
import { randomTrials, shortTrials, trialsOf } from "./hostile/trials.js";
import type { Soak } from "./lib/contract.js";

/** Of the trials in memory the short run plays each so manieth, always the same ones. */
const SHORT = shortTrials(11);

export const hostile: Soak = {
  name: "hostile",
  about: "N times user code throws, closes, aborts, re-enters, or never returns, wherever the library calls it",
  count: 10_000,
  short: SHORT.length,
  judgesTrouble: true,
  async run(times, ledger, random, only) {
    const isShort = only === undefined && times === SHORT.length;
    const trials = only !== undefined ? trialsOf(only) : isShort ? SHORT : randomTrials(times, random);
    await playAll(trials, ledger, { reachesAll: isShort });
  },
};
