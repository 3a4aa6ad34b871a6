import { HandlerRegistry } from "./incoming/registry.js";
import { Counters } from "./records/counters.js";
import { Ids } from "./records/ids.js";

/** What outlives a link, where a channel over the next one goes on: its handlers, its counts, and its ids. */
export class Lasting {
  readonly registry: HandlerRegistry = new HandlerRegistry();
  readonly counters: Counters = new Counters();
  readonly ids: Ids = new Ids();
}
