import type { Readable, Writable } from "node:stream";
import type { Channel } from "../channel/contract/channel.js";
import { bool, refuse } from "../checks/kinds.js";
import { readOptions, type Check, type OptionTable } from "../checks/options.js";
import { CHANNEL_OPTIONS, type ChannelOptions } from "../channel/contract/options.js";
import { isByteLink, type ByteLink } from "../link/byte-link.js";
import type { Link } from "../link/contract.js";
import { FramedLink } from "../link/framed-link.js";
import { GuardedLink } from "../link/guarded-link.js";
import { DEFAULT_GRACE_MS } from "./child/shutdown.js";
import { readableStream, StreamLink, writableStream } from "./streams/stream-link.js";
import { openChannel, resolveStack, type Stack } from "./assemble.js";

export interface CreateChannelOptions extends ChannelOptions {
  /** A link of your own: of frames, or of bytes, which get the `framing`. */
  readonly link?: Link | ByteLink | undefined;
  /** The stream that messages arrive on (in place of `link`). */
  readonly readable?: Readable | undefined;
  /** The stream that messages leave on (in place of `link`). A duplex stream is given twice. */
  readonly writable?: Writable | undefined;
  /** True on a side that answers requests: what it can't read is answered with -32700 and -32600. Default false. */
  readonly answersUnreadable?: boolean | undefined;
}

const aLink: Check<Link | ByteLink> = (value, place) => {
  const { start, close, send, text, bytes } = (value ?? {}) as Record<string, unknown>;
  const sends = typeof send === "function" || (typeof text === "function" && typeof bytes === "function");
  if (sends && typeof start === "function" && typeof close === "function") return value as Link | ByteLink;
  return refuse(TypeError, value, place, "a link: start, close, and send (of frames) or text and bytes (of bytes)");
};

export const CREATE_CHANNEL_OPTIONS: OptionTable<CreateChannelOptions> = {
  ...CHANNEL_OPTIONS,
  link: aLink,
  readable: readableStream,
  writable: writableStream,
  answersUnreadable: bool,
};

/** A channel over any pair of streams or any link, with any framing, codec and protocol. Throws on bad options. */
export function createChannel(given: CreateChannelOptions): Channel {
  const options = readOptions("createChannel", given, CREATE_CHANNEL_OPTIONS);
  const stack = resolveStack(options);
  const { answersUnreadable = false } = options;
  const { hello, goodbye } = stack.dialect;
  // Plain JSON-RPC says goodbye to processes only: who is at the other end of a link need not be ours to end.
  const farewell = hello === undefined || goodbye === undefined ? undefined : { ...goodbye, graceMs: DEFAULT_GRACE_MS };
  return openChannel(stack, resolveLink(options, stack), { answersUnreadable, farewell });
}

function resolveLink({ link, readable, writable, framing }: CreateChannelOptions, stack: Stack): Link | ByteLink {
  if (link !== undefined && (readable ?? writable) !== undefined) {
    throw new TypeError("createChannel takes a link, or a readable and a writable stream; not both.");
  }
  if (link !== undefined && !isByteLink(link)) {
    if (framing === undefined) return new GuardedLink(link, stack.onError);
    throw new TypeError("createChannel: a link of frames takes no framing. Leave the option out.");
  }
  if (link !== undefined) {
    return new GuardedLink(new FramedLink(link, stack.framing, stack.limits.maxMessageBytes), stack.onError);
  }
  if (readable !== undefined && writable !== undefined) return new StreamLink(readable, writable);
  throw new TypeError("createChannel needs a link, or a readable and a writable stream.");
}
