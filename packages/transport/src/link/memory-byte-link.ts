import { toBytes } from "../framing/payload.js";
import type { ByteLink, ByteReceiver } from "./byte-link.js";
import { connected, MemoryEnd } from "./memory-end.js";

/** Two links of bytes that are each other's other side, in one process: to try a framing of one's own. */
export function createMemoryByteLinks(): [ByteLink, ByteLink] {
  return connected<ByteReceiver, MemoryByteLink>(new MemoryByteLink(), new MemoryByteLink());
}

class MemoryByteLink extends MemoryEnd<ByteReceiver> implements ByteLink {
  text(part: string): void {
    this.bytes(toBytes(part));
  }

  bytes(part: Uint8Array): void {
    this.pass(part);
  }

  protected override hand(chunk: Uint8Array, receiver: ByteReceiver): void {
    receiver.data(chunk);
  }
}
