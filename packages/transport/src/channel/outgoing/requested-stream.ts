import { ChannelError } from "../../errors.js";
import type { Limits } from "../../limits.js";
import { StreamReader } from "../streams/stream-reader.js";
import type { PendingRequest, RequestExtra, Waiter } from "./pending.js";

/** What a stream needs of the requests of this side. */
export interface StreamRequests {
  /** The request for the items. Throws what it can be refused with. */
  admit(resolve: Waiter["resolve"], reject: Waiter["reject"], items: RequestExtra["items"]): PendingRequest;
  /** Throws what it can be refused with. */
  send(request: PendingRequest): void;
  pull(id: number, count: number): void;
  cancel(id: number): void;
}

/** The items of an answer; the request for them is sent when the first one is asked for. */
export function requestedStream(
  { streamWindow, maxHeldBytes }: Limits,
  requests: StreamRequests,
): StreamReader<unknown> {
  let id = -1;
  let arrived = 0;
  const reader = new StreamReader<unknown>(streamWindow, maxHeldBytes, {
    start: () => {
      try {
        const request = requests.admit(
          (result) => {
            reader.end(result);
          },
          (reason) => {
            reader.fail(withItems(reason, arrived));
          },
          (items, bytes) => {
            reader.push(items, bytes);
            arrived += items.length;
          },
        );
        id = request.id;
        requests.send(request);
      } catch (error) {
        reader.fail(error);
      }
    },
    pull: (count) => {
      requests.pull(id, count);
    },
    cancel: () => {
      requests.cancel(id);
    },
  });
  return reader;
}

/** Items that wait are still read before the failure, so all that have arrived are delivered by then. */
function withItems(reason: unknown, itemsDelivered: number): unknown {
  if (!(reason instanceof ChannelError) || reason.delivery !== "unknown") return reason;
  const { code, message, cause, method, delivery, exitCode, signal, stderr } = reason;
  const text = `${message} ${itemsDelivered === 1 ? "1 item was" : `${itemsDelivered} items were`} delivered before.`;
  return new ChannelError(code, text, { cause, method, delivery, exitCode, signal, stderr, itemsDelivered });
}
