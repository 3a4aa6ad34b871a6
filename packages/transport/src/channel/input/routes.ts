import type { Control, Dialect } from "../../dialects/contract.js";
import type { ChannelError } from "../../errors.js";
import type { Outgoing } from "../outgoing/outgoing.js";
import type { TurnClock } from "../records/clock.js";
import type { Incoming } from "../incoming/incoming.js";
import type { Notifications } from "../incoming/notifications.js";
import type { Sender } from "../output/sender.js";
import type { Counters } from "../records/counters.js";
import type { Silence } from "../records/silence.js";

/** To whom the receiver hands what it has read. */
export interface Routes {
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  readonly sender: Sender;
  readonly notifications: Notifications;
  readonly clock: TurnClock;
  readonly counters: Counters;
  readonly silence: Silence;
  readonly dialect: Dialect;
  /** Which notification says what, in the dialect. */
  readonly controls: ReadonlyMap<string, Control>;
  readonly onError: (error: unknown) => void;
  /** The other side takes nothing any more. */
  readonly gone: () => void;
  readonly end: (cause: ChannelError) => void;
}
