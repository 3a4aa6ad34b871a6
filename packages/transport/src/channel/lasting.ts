import { HandlerRegistry } from "./incoming/registry.js";
import { Counters } from "./records/counters.js";
import { Ids } from "./records/ids.js";

/** What outlives a link, where a channel over the next one goes on: its handlers, its counts, and its ids. */
export class Lasting {
  readonly registry: HandlerRegistry;
  readonly ids: Ids;
  readonly counters: Counters = new Counters();

  /** @param shared with channels beside this one, which are counted by themselves */
  constructor(shared?: Pick<Lasting, "registry" | "ids">) {
    this.registry = shared?.registry ?? new HandlerRegistry();
    this.ids = shared?.ids ?? new Ids();
  }
}
