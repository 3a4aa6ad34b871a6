import type { TurnClock } from "../records/clock.js";
import type { Counters } from "../records/counters.js";
import type { Ids } from "../records/ids.js";
import type { Silence } from "../records/silence.js";
import type { Unstopped } from "./unstopped.js";

/** Where the requests of this side leave their traces. */
export interface Records {
  readonly clock: TurnClock;
  readonly counters: Counters;
  readonly silence: Silence;
  readonly ids: Ids;
  readonly unstopped: Unstopped | undefined;
}
