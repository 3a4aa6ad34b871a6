import { joinBytes } from "./payload.js";

const PAGE_BYTES = 64 * 1024;
const SMALL_BYTES = 4 * 1024;
/** From here on what was kept is copied together as it comes: keeping it twice for a moment would be too much. */
const LARGE_BYTES = 8 * 1024 * 1024;
/** By how much the room for a large frame grows. Memory that is not used yet costs nothing. */
const GROWTH = 4;

/**
 * Keeps the parts of an unfinished frame and joins them once. Small parts are copied into pages, so that a frame that
 * arrives byte by byte costs its size and not an object per byte; a very large one is joined as it grows.
 */
export class ChunkList {
  readonly #parts: Uint8Array[] = [];
  #page: Uint8Array | undefined;
  #pageUsed = 0;
  #length = 0;
  /** A large frame: its bytes so far are the first `#length` of this. */
  #large: Uint8Array | undefined;

  get length(): number {
    return this.#length;
  }

  push(part: Uint8Array): void {
    if (this.#length + part.length > LARGE_BYTES) {
      this.#pushLarge(part);
      return;
    }
    this.#length += part.length;
    if (part.length > SMALL_BYTES) {
      this.#sealPage();
      this.#parts.push(part);
    } else {
      this.#copy(part);
    }
  }

  /** All bytes in one array; the list is empty afterwards. */
  take(): Uint8Array {
    const joined = this.#large?.subarray(0, this.#length) ?? this.#joined();
    this.clear();
    return joined;
  }

  #joined(): Uint8Array {
    this.#sealPage();
    const only = this.#parts.length === 1 ? this.#parts[0] : undefined;
    return only ?? joinBytes(this.#parts);
  }

  clear(): void {
    this.#parts.length = 0;
    this.#page = undefined;
    this.#pageUsed = 0;
    this.#large = undefined;
    this.#length = 0;
  }

  /** The first bytes, at most `limit` of them, without taking them out. */
  head(limit: number): Uint8Array {
    const head = new Uint8Array(Math.min(limit, this.#length));
    let used = 0;
    for (const part of [...(this.#large === undefined ? this.#parts : [this.#large]), this.#pageBytes()]) {
      const piece = part.subarray(0, head.length - used);
      head.set(piece, used);
      used += piece.length;
    }
    return head;
  }

  #pushLarge(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (this.#large === undefined || this.#large.length < length) {
      const room = new Uint8Array(length * GROWTH);
      room.set(this.take());
      this.#large = room;
    }
    this.#large.set(part, length - part.length);
    this.#length = length;
  }

  #copy(part: Uint8Array): void {
    let rest = part;
    while (rest.length > 0) {
      this.#page ??= new Uint8Array(this.#pageUsed === 0 && this.#parts.length === 0 ? SMALL_BYTES : PAGE_BYTES);
      const piece = rest.subarray(0, this.#page.length - this.#pageUsed);
      this.#page.set(piece, this.#pageUsed);
      this.#pageUsed += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#pageUsed === this.#page.length) this.#sealPage();
    }
  }

  #pageBytes(): Uint8Array {
    return this.#page === undefined ? new Uint8Array(0) : this.#page.subarray(0, this.#pageUsed);
  }

  #sealPage(): void {
    if (this.#pageUsed > 0) this.#parts.push(this.#pageBytes());
    this.#page = undefined;
    this.#pageUsed = 0;
  }
}
