/** Byte link: moves bytes without borders. A framing makes a link of frames out of one. */

import type { ChannelError } from "../errors.js";
import type { ByteSink } from "../framing/contract.js";
import type { Link, LinkBase } from "./contract.js";

/** Whoever listens to a byte link; set once, before anything arrives. */
export interface ByteReceiver {
  /** A chunk arrived. The receiver owns it. */
  data(chunk: Uint8Array): void;
  /** Nothing more will arrive, in order and not because the other side is gone; something may be sent still. */
  inputEnd?(): void;
  /** A line arrived beside the messages, where the link has a place for that: it can't break one. */
  noise?(line: string): void;
  /** See `LinkReceiver`. */
  wrote?(): void;
  /** See `LinkReceiver`. */
  gone?(): void;
  /** Nothing will arrive and nothing can be sent any more. Called at most once; never from inside `start`. */
  end(cause: ChannelError): void;
}

/** Writing is by `text` and `bytes`, in order; for the rest see `Link`. */
export interface ByteLink extends LinkBase, ByteSink {
  start(receiver: ByteReceiver): void;
}

export function isByteLink(link: Link | ByteLink): link is ByteLink {
  return !("send" in link);
}
