import type { ChannelError } from "../errors.js";
import type { Caller } from "./caller.js";
import type { TurnClock } from "./clock.js";
import type { Dispatcher } from "./dispatcher.js";
import type { Notifications } from "./notifications.js";
import type { Sender } from "./sender.js";
import type { Counters } from "./stats.js";

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
