import type { Channel } from "../../channel/contract/channel.js";
import { unwatchSignal, watchSignal } from "../../channel/records/signals.js";

/**
 * Closes the channel when the signal aborts. When it has aborted already, or throws, the channel is closed first: nobody
 * else will close what runs by then. Throws the signal's reason, or what the signal has thrown.
 */
export async function closeOnAbort(channel: Channel, signal: AbortSignal): Promise<void> {
  try {
    watch(channel, signal);
  } catch (error) {
    await channel.close();
    throw error;
  }
}

function watch(channel: Channel, signal: AbortSignal): void {
  signal.throwIfAborted();
  const close = (): void => void channel.close();
  watchSignal(signal, close);
  void channel.closed.then(() => {
    unwatchSignal(signal, close);
  });
}
