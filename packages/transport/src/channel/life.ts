import type { ChannelError } from "../errors.js";
import type { Lasting } from "./lasting.js";
import type { Unstopped } from "./outgoing/unstopped.js";

/** Told to a channel whose link is one of several, one after the other. */
export interface Life<Heir> {
  readonly lasting: Lasting;
  /** Its link is not there yet: until `attach`, what is said waits. */
  readonly isPending: boolean;
  /** Called as it ends, before anything is settled. What was not sent goes to the channel that it returns. */
  readonly onEnd: (cause: ChannelError) => Heir | undefined;
  /** Called when the other side takes nothing any more; the end follows, when its last words have been read. */
  readonly onGone?: (() => void) | undefined;
  /** Is told of requests that are cancelled, and of their late answers. */
  readonly unstopped?: Unstopped | undefined;
  /** Called with each thing that has to wait here before it is sent; see `LinkChannel.pass`. */
  readonly onWaiting?: ((owner: object) => void) | undefined;
}
