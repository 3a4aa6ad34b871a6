import type { ChannelError } from "../../errors.js";
import type { Caller } from "../outgoing/outgoing.js";
import type { TurnClock } from "../records/clock.js";
import type { Dispatcher } from "../incoming/incoming.js";
import type { Notifications } from "../incoming/notifications.js";
import type { Sender } from "../output/sender.js";
import type { Counters } from "../records/counters.js";

/** To whom the receiver hands what it has read. */
export interface Routes {
  readonly dispatcher: Dispatcher;
  readonly caller: Caller;
  readonly sender: Sender;
  readonly notifications: Notifications;
  readonly clock: TurnClock;
  readonly counters: Counters;
  readonly end: (cause: ChannelError) => void;
}
