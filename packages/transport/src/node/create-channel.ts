import type { Readable, Writable } from "node:stream";
import type { Channel } from "../channel/contract/channel.js";
import type { ChannelOptions } from "../channel/contract/options.js";
import type { Link } from "../link/contract.js";
import { StreamLink } from "./streams/stream-link.js";
import { openChannel, resolveStack } from "./assemble.js";

export interface CreateChannelOptions extends ChannelOptions {
  /** What moves the bytes: a link of your own, or a pair of Node streams. */
  readonly link?: Link;
  /** The stream that messages arrive on (in place of `link`). */
  readonly readable?: Readable;
  /** The stream that messages leave on (in place of `link`). A duplex stream is given twice. */
  readonly writable?: Writable;
  /** True on a side that answers requests: what it can't read is answered with -32700 and -32600. Default false. */
  readonly answersUnreadable?: boolean;
}

/** A channel over any pair of streams or any link, with any framing, codec and protocol. Throws on bad options. */
export function createChannel(options: CreateChannelOptions): Channel {
  const stack = resolveStack(options);
  return openChannel(stack, resolveLink(options), { answersUnreadable: options.answersUnreadable ?? false });
}

function resolveLink({ link, readable, writable }: CreateChannelOptions): Link {
  if (link !== undefined) return link;
  if (readable !== undefined && writable !== undefined) return new StreamLink(readable, writable);
  throw new TypeError("createChannel needs a link, or a readable and a writable stream");
}
