import { ChannelError } from "../../errors.js";
import type { ChannelParts } from "../contract/parts.js";
import type { RequestOptions } from "../contract/request-options.js";
import { StreamReader } from "../streams/stream-reader.js";
import type { ItemsTarget, StreamHost, Waiter } from "./pending.js";

/** The request for a stream. */
export interface StreamCall {
  readonly method: string;
  readonly params: object | undefined;
  readonly options: RequestOptions | undefined;
}

/** The items of a request that is sent when the first one is asked for. */
export function openStream(
  { dialect, limits: { streamWindow, maxHeldBytes } }: Pick<ChannelParts, "dialect" | "limits">,
  host: StreamHost,
  { method, params, options }: StreamCall,
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
  const target: ItemsTarget = {
    host,
    take: (items, bytes) => {
      reader.push(items, bytes);
      arrived += items.length;
    },
  };
  const reader = new StreamReader<unknown>(streamWindow, maxHeldBytes, {
    isUnasked: dialect.controls["stream-pull"] === undefined,
    start: () => {
      try {
        const admitted = host.admit(method, options, waiter.resolve, waiter.reject, target);
        // Known before it is sent: what is encoded then may leave the stream.
        id = admitted.id;
        host.start(admitted, params);
      } catch (error) {
        reader.fail(error);
      }
    },
    pull: (count) => {
      target.host.pull(id, count);
    },
    cancel: () => {
      target.host.leave(id);
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
