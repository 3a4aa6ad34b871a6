import type { Framing } from "../framing/contract.js";
import type { Limits } from "../limits.js";
import type { Link } from "../link/contract.js";
import type { Wire } from "../protocol/contract.js";

/** What a channel is made of. Assembled by `createChannel`, `createStdioChannel` and `serveStdio`. */
export interface ChannelParts {
  readonly link: Link;
  readonly framing: Framing;
  readonly wire: Wire;
  readonly limits: Limits;
  readonly timeout: number;
  readonly onError: (error: unknown) => void;
  readonly onNoise: (text: string) => void;
  /** True on the side that was started to answer: it answers unreadable input too, as JSON-RPC asks of servers. */
  readonly answersUnreadable: boolean;
  /** A notification sent before the link is closed from this side; `undefined` for none. */
  readonly farewell: string | undefined;
  /** The process at the other end, where there is one. */
  readonly pid: number | undefined;
}
