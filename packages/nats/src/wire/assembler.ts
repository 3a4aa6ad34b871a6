import type { Msg } from "@nats-io/transport-node";
import { Header } from "./words.js";

/** After so many parts the sender is told that they were taken. */
const CREDIT_EVERY = 4;
/** The beginning of a body that is not taken: enough to tell whose it is. */
const HEAD_BYTES = 1024;

/** Bytes that all bodies in parts together may take here. */
export class Room {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** One always fits. */
  take(bytes: number): boolean {
    if (this.#taken > 0 && this.#taken + bytes > this.#max) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

interface Half {
  readonly bytes: Uint8Array;
  readonly parts: number;
  /** The next part: they come in order, over one connection. */
  next: number;
  at: number;
  taken: number;
}

export interface Parts {
  readonly maxBytes: number;
  readonly room: Room;
  /** All parts of it are there. */
  readonly whole: (name: string, bytes: Uint8Array) => void;
  /** It is not taken. `bytes` is how long it would have been. */
  readonly refused: (name: string, head: Uint8Array, bytes: number) => void;
  /** Tells the sender. */
  readonly credit: (name: string, count: number) => void;
}

/** Puts the parts of long bodies together that come from one other side. */
export class Assembler {
  readonly #parts: Parts;
  readonly #halves = new Map<string, Half>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What is no part, or comes out of order, is dropped: its transfer never becomes whole. */
  part(message: Msg): void {
    const words = message.headers?.get(Header.part).split(" ") ?? [];
    const [index = NaN, parts = NaN, total = NaN] = words.slice(1).map(Number);
    const [name = ""] = words;
    if (![index, parts, total].every(Number.isSafeInteger) || parts < 1 || total < 0 || name === "") return;
    const half = index === 0 ? this.#begin(name, parts, total, message.data) : this.#halves.get(name);
    if (half === undefined) return;
    if (half.next !== index || half.at + message.data.length > half.bytes.length) this.#drop(name, half);
    else this.#add(name, half, message.data);
  }

  /** Nobody will send the rest. */
  close(): void {
    for (const [name, half] of this.#halves) this.#drop(name, half);
  }

  #begin(name: string, parts: number, total: number, first: Uint8Array): Half | undefined {
    const { maxBytes, room, refused, credit } = this.#parts;
    if (this.#halves.has(name)) return undefined;
    if (total > maxBytes || !room.take(total)) {
      credit(name, -1);
      refused(name, first.subarray(0, HEAD_BYTES), total);
      return undefined;
    }
    const half = { bytes: new Uint8Array(total), parts, next: 0, at: 0, taken: 0 };
    this.#halves.set(name, half);
    return half;
  }

  #add(name: string, half: Half, data: Uint8Array): void {
    half.bytes.set(data, half.at);
    half.at += data.length;
    half.next += 1;
    half.taken += 1;
    if (half.next === half.parts) {
      this.#drop(name, half);
      if (half.at === half.bytes.length) this.#parts.whole(name, half.bytes);
    } else if (half.taken === CREDIT_EVERY) {
      half.taken = 0;
      this.#parts.credit(name, CREDIT_EVERY);
    }
  }

  #drop(name: string, half: Half): void {
    if (this.#halves.delete(name)) this.#parts.room.give(half.bytes.length);
  }
}
