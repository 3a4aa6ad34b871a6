import type { Payload } from "../framing/contract.js";
import { toBytes } from "../framing/payload.js";
import type { Link, LinkReceiver } from "./contract.js";
import { connected, MemoryEnd } from "./memory-end.js";

/** Two links that are each other's other side, in one process: for tests, and for a worker without a process. */
export function createMemoryLinks(): [Link, Link] {
  return connected<LinkReceiver, MemoryLink>(new MemoryLink(), new MemoryLink());
}

class MemoryLink extends MemoryEnd<LinkReceiver> implements Link {
  readonly hasStrayText = false;

  send(payload: Payload): void {
    this.pass(toBytes(payload));
  }

  protected override hand(frame: Uint8Array, receiver: LinkReceiver): void {
    receiver.arrived(frame.length);
    receiver.frame(frame, 0, frame.length);
  }
}
