import { RestartBudget, type PlannedRestart } from "../restart-budget.js";
import type { RestartPolicy } from "../restart-options.js";

/** One budget for all places of a pool: limits that each place had for itself would multiply. */
export class PoolBudget {
  readonly #budget: RestartBudget;

  constructor(policy: RestartPolicy) {
    this.#budget = new RestartBudget(policy);
  }

  /**
   * Plans a restart, or says how long there is no budget for one.
   *
   * @param pace of the place: delays grow by its own deaths only
   */
  plan(pace: RestartBudget, now: number, random: number): PlannedRestart | { readonly postponedMs: number } {
    const isAllowed = this.#budget.plan(now, 0) !== undefined;
    const plan = isAllowed ? pace.plan(now, random) : undefined;
    return plan ?? { postponedMs: this.#budget.freeAfterMs(now) };
  }
}
