import type { ChannelHealth, ChannelState } from "../contract/events.js";

/** Of a channel that nobody supervises. */
export function healthOf(channel: {
  readonly state: ChannelState;
  readonly pid: number | undefined;
  readonly inFlight: number;
  readonly ended: Error | undefined;
}): ChannelHealth {
  const { state, pid, inFlight, ended } = channel;
  return {
    healthy: state === "ready",
    state,
    pid,
    restarts: 0,
    roundTripMs: undefined,
    missedHeartbeats: 0,
    inFlight,
    breaker: undefined,
    lastExit: ended?.message,
  };
}
