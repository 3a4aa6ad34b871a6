import { Counters } from "../../channel/records/counters.js";
import type { PoolHealth, PoolStats, WorkerState, WorkerStats } from "./contract.js";
import type { Core } from "./core.js";
import type { Member } from "./member.js";
import type { Slot } from "./slot.js";
import type { Workers } from "./workers.js";

/** See `pool.stats()`. */
export function statsOf({ workers, queue }: Core): PoolStats {
  const total = new Counters();
  total.add(workers.past.counters);
  total.add(queue.counters);
  const now = { inFlight: queue.channel.inFlight, running: 0, queuedBytes: 0 };
  // What one that has ended has counted is among the past.
  for (const member of workers.members().filter(({ channel }) => channel.ended === undefined)) {
    const { running, queuedBytes } = member.channel.stats();
    total.add(member.lasting.counters);
    now.inFlight += member.load;
    now.running += running;
    now.queuedBytes += queuedBytes;
  }
  return { ...total.snapshot(now), workers: workersOf(workers), queued: queue.size };
}

/** See `pool.health()`. */
export function healthOf({ workers, queue, options, state }: Core): PoolHealth {
  const breaker = options.breaker?.state;
  const { ready, slots, history, past } = workers;
  const roundTrips = ready.map(({ roundTripMs }) => roundTripMs).filter((one) => one !== undefined);
  return {
    healthy: state === "ready" && breaker !== "open",
    state,
    pid: undefined,
    restarts: past.counters.restarts,
    roundTripMs: roundTrips.length === 0 ? undefined : Math.max(...roundTrips),
    missedHeartbeats: Math.max(0, ...ready.map(({ missedHeartbeats }) => missedHeartbeats)),
    inFlight: queue.channel.inFlight + workers.members().reduce((sum, { load }) => sum + load, 0),
    breaker,
    lastExit: history.exits.at(-1)?.message,
    workers: { ready: ready.length, total: slots.length },
    queued: queue.size,
  };
}

function workersOf({ slots, spares, leaving }: Workers): WorkerStats[] {
  return [
    ...slots.map((slot) => placeOf(slot, "ready")),
    ...spares.map((slot) => placeOf(slot, "spare")),
    ...[...leaving.keys()].map((member) => memberOf(member, "draining", 0)),
  ];
}

function placeOf({ member, hasServed, restarts }: Slot, state: WorkerState): WorkerStats {
  if (member !== undefined) return memberOf(member, state, restarts);
  const none = { pid: undefined, inFlight: 0, served: 0, roundTripMs: undefined, memoryBytes: undefined };
  return { ...none, state: hasServed ? "restarting" : "starting", restarts };
}

function memberOf(member: Member, state: WorkerState, restarts: number): WorkerStats {
  const { pid, load, roundTripMs, memoryBytes, lasting } = member;
  return { pid, state, inFlight: load, served: lasting.counters.answers, restarts, roundTripMs, memoryBytes };
}
