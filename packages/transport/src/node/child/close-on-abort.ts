import type { Channel } from "../../channel/contract/channel.js";

/** The open channels that a signal closes. One listener serves all of them: Node warns of a leak at eleven. */
const channelsOf = new WeakMap<EventTarget, Set<Channel>>();

/** Closes the channel when the signal aborts. Throws the signal's reason, after closing, when it has aborted. */
export async function closeOnAbort(channel: Channel, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    await channel.close();
    signal.throwIfAborted();
  }
  const channels = channelsOf.get(signal) ?? new Set<Channel>();
  channelsOf.set(signal, channels.add(channel));
  // Adding the same function again adds nothing.
  signal.addEventListener("abort", closeAll, { once: true });
  void channel.closed.then(() => {
    channels.delete(channel);
    if (channels.size === 0) signal.removeEventListener("abort", closeAll);
  });
}

function closeAll({ target }: Event): void {
  if (target === null) return;
  for (const channel of channelsOf.get(target) ?? []) void channel.close();
}
