import type { Scenario } from "./contract.js";
import { echo, sum } from "./large.js";
import { latency } from "./latency.js";
import { throughputs } from "./throughput.js";

/** In the order of the table's columns. */
export const scenarios: readonly Scenario[] = [latency, ...throughputs, echo, sum];
