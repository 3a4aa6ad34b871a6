import { arraySums } from "./arrays.js";
import { computations } from "./compute.js";
import type { Scenario } from "./contract.js";
import { documents } from "./documents.js";
import { latency } from "./latency.js";
import { memories } from "./memory.js";
import { notifications } from "./notifications.js";
import { openLoops } from "./open-loop.js";
import { payloads } from "./payloads.js";
import { pools } from "./pools.js";
import { startUp } from "./start-up.js";
import { stream } from "./streams.js";
import { throughputs } from "./throughput.js";

/** In the order of the report. */
export const scenarios: readonly Scenario[] = [
  latency,
  ...openLoops,
  ...throughputs,
  notifications,
  ...documents,
  ...payloads,
  ...arraySums,
  stream,
  startUp,
  ...memories,
  ...pools,
  ...computations,
];
