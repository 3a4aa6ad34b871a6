const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The members at the beginning of a map whose frame is cut off, or can't be decoded as a whole. Numbers, strings and
 * nil are read; the first member of another kind is listed with `undefined` and ends the search, as does the end of
 * the bytes.
 */
export function peekMembers(bytes: Uint8Array): Map<string, unknown> {
  const members = new Map<string, unknown>();
  const cursor = new Cursor(bytes);
  try {
    for (let left = cursor.mapSize(); left > 0; left--) {
      const key = cursor.scalar();
      if (typeof key !== "string") break;
      members.set(key, undefined);
      const value = cursor.scalar();
      if (value === undefined) break;
      members.set(key, value);
    }
  } catch {
    // Cut off, or not UTF-8: what was read before it stands.
  }
  return members;
}

/** Reads forward; a `RangeError` at the end of the bytes. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** 0 when the value is no map. */
  mapSize(): number {
    const type = this.#byte();
    if (type >= 0x80 && type <= 0x8f) return type & 0x0f;
    if (type === 0xde) return this.#skip(2, this.#view.getUint16(this.#at));
    if (type === 0xdf) return this.#skip(4, this.#view.getUint32(this.#at));
    return 0;
  }

  /** A string, a number or null; `undefined` for any other kind of value. */
  scalar(): string | number | bigint | null | undefined {
    const type = this.#byte();
    if (type <= 0x7f) return type;
    if (type >= 0xe0) return type - 0x100;
    if (type >= 0xa0 && type <= 0xbf) return this.#text(type & 0x1f);
    switch (type) {
      case 0xc0:
        return null;
      case 0xcc:
        return this.#byte();
      case 0xcd:
        return this.#skip(2, this.#view.getUint16(this.#at));
      case 0xce:
        return this.#skip(4, this.#view.getUint32(this.#at));
      case 0xcf:
        return narrow(this.#skip(8, this.#view.getBigUint64(this.#at)));
      case 0xd0:
        return this.#skip(1, this.#view.getInt8(this.#at));
      case 0xd1:
        return this.#skip(2, this.#view.getInt16(this.#at));
      case 0xd2:
        return this.#skip(4, this.#view.getInt32(this.#at));
      case 0xd3:
        return narrow(this.#skip(8, this.#view.getBigInt64(this.#at)));
      case 0xd9:
        return this.#text(this.#byte());
      default:
        return undefined;
    }
  }

  #byte(): number {
    return this.#skip(1, this.#view.getUint8(this.#at));
  }

  #text(length: number): string {
    if (this.#at + length > this.#bytes.length) throw new RangeError("cut off");
    return this.#skip(length, utf8.decode(this.#bytes.subarray(this.#at, this.#at + length)));
  }

  #skip<Value>(length: number, value: Value): Value {
    this.#at += length;
    return value;
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
