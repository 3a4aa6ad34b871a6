import type { Sender } from "../output/sender.js";
import type { Inputs } from "../streams/inputs.js";
import { firstCredit } from "../streams/stream-reader.js";
import type { PendingRequest, RequestExtra } from "./pending.js";

interface Requests {
  isWaiting(request: PendingRequest): boolean;
}

/**
 * Inputs are announced before the request. A reader of items says first how many it takes: the other side knows by that
 * that a stream is wanted.
 */
export function announce(
  request: PendingRequest,
  { input, items }: RequestExtra,
  inputs: Inputs,
  sender: Sender,
  requests: Requests,
): void {
  const { id, extra } = request;
  if (input !== undefined && extra !== undefined) {
    extra.stopInput = inputs.open(id, input, () => requests.isWaiting(request));
  }
  if (items !== undefined) sender.control("stream-pull", { id, count: firstCredit(sender.streamWindow) });
}
