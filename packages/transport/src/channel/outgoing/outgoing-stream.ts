import { ChannelError } from "../../errors.js";
import type { ChannelParts } from "../contract/parts.js";
import { StreamReader } from "../streams/stream-reader.js";
import type { PendingRequest, RequestExtra, Waiter } from "./pending.js";

/** What a stream needs of the request for it. */
export interface StreamRequest {
  /** Throws what the request can be refused with. */
  admit(waiter: Waiter, items: RequestExtra["items"]): PendingRequest;
  /** The same. */
  send(request: PendingRequest): void;
  pull(id: number, count: number): void;
  /** The reader has left. */
  leave(id: number): void;
}

/** The items of a request that is sent when the first one is asked for. */
export function openStream(
  { dialect, limits: { streamWindow, maxHeldBytes } }: Pick<ChannelParts, "dialect" | "limits">,
  request: StreamRequest,
): StreamReader<unknown> {
  let id = -1;
  let arrived = 0;
  const waiter: Waiter = {
    resolve: (result) => {
      takeItemsIn(result);
      reader.end(result);
    },
    reject: (reason) => {
      reader.fail(withItems(reason, arrived));
    },
  };
  const takeItemsIn = (result: unknown): void => {
    try {
      if (dialect.itemsIn !== undefined) reader.push(dialect.itemsIn(result), 0);
    } catch (error) {
      reader.fail(error);
    }
  };
  const reader = new StreamReader<unknown>(streamWindow, maxHeldBytes, {
    isUnasked: dialect.controls["stream-pull"] === undefined,
    start: () => {
      try {
        const admitted = request.admit(waiter, (items, bytes) => {
          reader.push(items, bytes);
          arrived += items.length;
        });
        // Known before it is sent: what is encoded then may leave the stream.
        id = admitted.id;
        request.send(admitted);
      } catch (error) {
        reader.fail(error);
      }
    },
    pull: (count) => {
      request.pull(id, count);
    },
    cancel: () => {
      request.leave(id);
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
