import type { Channel } from "../../channel/contract/channel.js";
import { unwatchSignal, watchSignal } from "../../channel/records/signals.js";

/** Closes the channel when the signal aborts. Throws the signal's reason, after closing, when it has aborted. */
export async function closeOnAbort(channel: Channel, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    await channel.close();
    signal.throwIfAborted();
  }
  const close = (): void => void channel.close();
  watchSignal(signal, close);
  void channel.closed.then(() => {
    unwatchSignal(signal, close);
  });
}
