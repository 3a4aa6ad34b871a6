import { headers, nuid } from "@nats-io/transport-node";
import type { Payload } from "@procwire/transport";
import { toBytes } from "@procwire/transport/extend";
import type { Publisher } from "./publisher.js";
import { Kind } from "./subjects.js";
import { Header } from "./words.js";

/** How long a part is at most. */
const PART_BYTES = 256 * 1024;
/** So many parts may be under way that the other side has not taken. */
const WINDOW = 8;
/** A character has at most so many bytes of UTF-8. */
const WORST_UTF8 = 3;

interface Transfer {
  readonly name: string;
  readonly data: Uint8Array;
  readonly parts: number;
  next: number;
  underWay: number;
}

/**
 * Says frames to one other side, in order. One that is too long for a message goes in parts, as fast as they are taken,
 * and what is said after it waits.
 */
export class Outlet {
  readonly #publisher: Publisher;
  readonly #base: string;
  readonly #reply: string;
  readonly #waiting: { readonly data: Uint8Array; readonly name: string | undefined }[] = [];
  #transfer: Transfer | undefined;
  #queuedBytes = 0;

  /**
   * @param base where the other side is reached
   * @param reply where this side is
   */
  constructor(publisher: Publisher, base: string, reply: string) {
    this.#publisher = publisher;
    this.#base = base;
    this.#reply = reply;
  }

  /** Bytes that wait for their turn. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(payload: Payload): void {
    const data = bodyOf(payload);
    if (this.#transfer === undefined && !isTooLong(data, this.#publisher.maxBody)) {
      this.#publisher.publish(`${this.#base}.${Kind.frame}`, data, this.#reply);
      return;
    }
    this.#queue(toBytes(data), undefined);
  }

  /** A body in parts that was announced by this name, however short it is. */
  transfer(name: string, data: Uint8Array): void {
    this.#queue(data, name);
  }

  /** The other side has taken so many parts more; a negative count: it wants no more of them. */
  credit(name: string, count: number): void {
    const transfer = this.#transfer;
    if (transfer?.name !== name) return;
    if (count < 0) this.#finish(transfer);
    else transfer.underWay -= count;
    this.#pump();
  }

  /** Nothing is said any more. */
  close(): void {
    this.#waiting.length = 0;
    this.#transfer = undefined;
    this.#queuedBytes = 0;
  }

  #queue(data: Uint8Array, name: string | undefined): void {
    this.#waiting.push({ data, name });
    this.#queuedBytes += data.length;
    this.#pump();
  }

  #pump(): void {
    for (;;) {
      this.#transfer ??= this.#begin();
      const transfer = this.#transfer;
      if (transfer === undefined) return;
      while (transfer.underWay < WINDOW && transfer.next < transfer.parts) this.#sendPart(transfer);
      if (transfer.next < transfer.parts) return;
      this.#finish(transfer);
    }
  }

  /** The next of what waits that needs parts; what needs none has left before it. */
  #begin(): Transfer | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) return undefined;
      const { data, name } = next;
      if (name !== undefined || data.length > this.#publisher.maxBody) {
        const parts = Math.max(Math.ceil(data.length / this.#partBytes), 1);
        return { name: name ?? nuid.next(), data, parts, next: 0, underWay: 0 };
      }
      this.#queuedBytes -= data.length;
      this.#publisher.publish(`${this.#base}.${Kind.frame}`, data, this.#reply);
    }
  }

  #finish(transfer: Transfer): void {
    this.#queuedBytes -= transfer.data.length;
    this.#transfer = undefined;
  }

  #sendPart(transfer: Transfer): void {
    const { name, data, parts } = transfer;
    const at = transfer.next * this.#partBytes;
    const head = headers();
    head.set(Header.part, `${name} ${transfer.next} ${parts} ${data.length}`);
    const body = data.subarray(at, at + this.#partBytes);
    this.#publisher.publish(`${this.#base}.${Kind.part}`, body, this.#reply, head);
    transfer.next += 1;
    transfer.underWay += 1;
  }

  get #partBytes(): number {
    return Math.min(PART_BYTES, this.#publisher.maxBody);
  }
}

/** As one string or one array: a message of NATS is one. */
export function bodyOf(payload: Payload): string | Uint8Array {
  return typeof payload === "string" || payload instanceof Uint8Array ? payload : joined(payload);
}

function joined(pieces: readonly (string | Uint8Array)[]): string | Uint8Array {
  if (pieces.length === 1) return pieces[0] ?? "";
  return pieces.every((piece) => typeof piece === "string") ? pieces.join("") : toBytes(pieces);
}

export function isTooLong(data: string | Uint8Array, max: number): boolean {
  if (typeof data !== "string") return data.length > max;
  return data.length * WORST_UTF8 > max && Buffer.byteLength(data) > max;
}
