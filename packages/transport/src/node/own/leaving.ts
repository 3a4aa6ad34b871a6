import type { Channel } from "../../channel/contract/channel.js";
import type { RequestHandler } from "../../channel/contract/handlers.js";
import type { Dialect } from "../../dialects/contract.js";

type NamedHandlers = readonly (readonly [string, RequestHandler])[];

/**
 * The end of a worker, as its dialect has it: by the notification of the goodbye, with 0 where the request for it came
 * before, else with 1; where the goodbye is that request alone, after its answer.
 */
export class Leaving {
  readonly #exit: (code: number) => void;
  #isAsked = false;

  constructor(exit: (code: number) => void) {
    this.#exit = exit;
  }

  /** The handlers, with one that knows of the request. */
  readonly around = (handlers: NamedHandlers, { goodbye: { request, notification } = {} }: Dialect): NamedHandlers => {
    if (request === undefined) return handlers;
    const own = new Map(handlers).get(request) ?? ((): null => null);
    const handler: RequestHandler = async (params, context) => {
      const result: unknown = await own(params, context);
      this.#isAsked = true;
      if (notification === undefined) setImmediate(this.#exit, 0);
      return result;
    };
    return [...handlers.filter(([method]) => method !== request), [request, handler]];
  };

  /** Ends on the notification. */
  watch(channel: Channel, { goodbye: { request, notification } = {} }: Dialect): void {
    if (notification === undefined) return;
    channel.onNotification(notification, () => this.#exit(request === undefined || this.#isAsked ? 0 : 1));
  }
}
