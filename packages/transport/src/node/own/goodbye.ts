import type { Channel } from "../../channel/contract/channel.js";
import type { RequestHandler } from "../../channel/contract/handlers.js";
import type { Dialect } from "../../dialects/contract.js";

/**
 * Serves the methods, and ends the process as the dialect has it: by the notification of its goodbye, with 0 where the
 * request for it came before, else with 1; where the goodbye is that request alone, after its answer.
 */
export function serveUntilGoodbye(
  channel: Channel,
  methods: readonly (readonly [string, RequestHandler])[],
  { goodbye: { request, notification } = {} }: Dialect,
  exit: (code: number) => void,
): void {
  let code = request === undefined ? 0 : 1;
  for (const [method, handler] of methods) if (method !== request) channel.onRequest(method, handler);
  if (notification !== undefined) channel.onNotification(notification, () => exit(code));
  if (request === undefined) return;
  const own = new Map(methods).get(request) ?? ((): null => null);
  channel.onRequest(request, async (params, context) => {
    const result: unknown = await own(params, context);
    code = 0;
    if (notification === undefined) setImmediate(exit, 0);
    return result;
  });
}
