import type { Mutant } from "./mutant.js";
import { belowMutants } from "./lists/below.js";
import { channelMutants } from "./lists/channel.js";
import { receivingMutants } from "./lists/receiving.js";
import { superviseMutants } from "./lists/supervise.js";

/** All of them. A mutant that survives shows a promise without a test. */
export const mutants: readonly Mutant[] = [
  ...channelMutants,
  ...receivingMutants,
  ...belowMutants,
  ...superviseMutants,
];
