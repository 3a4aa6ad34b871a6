import type { StreamSink } from "../contract/items.js";
import type { Sender } from "../output/sender.js";
import type { Announcement } from "./announcements.js";
import type { HandlerContext } from "./request-context.js";

/** Where the items of a streamed answer go. */
export interface Output {
  readonly sink: StreamSink;
  /** How many may be sent before more are asked for; 0: the caller wants no stream. */
  readonly credit: number;
  /** What is answered when the items are at their end. */
  readonly resultOf: (result: unknown) => unknown;
}

const asItIs = (result: unknown): unknown => result;

/**
 * Items are asked for, or go under the token that is in the params. Where a dialect has such tokens and the caller gives
 * none, it wants them all in the answer.
 */
export function outputOf(
  sender: Sender,
  { id, params }: HandlerContext,
  announcement: Announcement | undefined,
): Output {
  const { itemsToken } = sender.dialect;
  if (itemsToken === undefined) {
    return { sink: sender.items("stream-items", id), credit: announcement?.credit ?? 0, resultOf: asItIs };
  }
  const token = itemsToken(params);
  if (token !== undefined) return { sink: sender.partials(token), credit: Infinity, resultOf: asItIs };
  const all: unknown[] = [];
  const sink: StreamSink = {
    ...sender.partials(undefined),
    isFull: false,
    send: (items) => {
      all.push(...items);
      return 0;
    },
  };
  return { sink, credit: Infinity, resultOf: (result) => result ?? all };
}
