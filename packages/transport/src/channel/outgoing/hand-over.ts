import type { Payload } from "../../framing/contract.js";
import type { Outgoing } from "./outgoing.js";
import type { PendingRequest } from "./pending.js";

/**
 * Gives a request that was not sent to the next link, except that of a stream, which asks this link for items. False when
 * the owner of the payload is no request.
 */
export function handOver(from: Outgoing, owner: object, payload: Payload, heir: Outgoing): boolean {
  const request = "id" in owner ? from.peek(owner.id as number) : undefined;
  if (request !== owner) return false;
  if (request.extra?.items === undefined && from.take(request.id) === request) adopt(heir, request, payload);
  return true;
}

function adopt(heir: Outgoing, request: PendingRequest, payload: Payload): void {
  try {
    heir.register(request);
    if (heir.isWaiting(request)) heir.sendLater(request, payload);
  } catch (error) {
    heir.take(request.id);
    heir.fail(request, error);
  }
}
