import type { Payload } from "../../framing/contract.js";
import type { Outgoing } from "./outgoing.js";

/** Gives a request that was not sent to another channel. False when the owner of the payload is no request. */
export function handOver(from: Outgoing, owner: object, payload: Payload, heir: Outgoing): boolean {
  const request = "id" in owner ? from.peek(owner.id as number) : undefined;
  if (request !== owner) return false;
  if (from.take(request.id) === request) heir.adopt(request, payload);
  return true;
}
