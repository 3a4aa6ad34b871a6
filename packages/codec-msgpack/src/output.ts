const INITIAL_BYTES = 2048;

/** Bytes that are being written: a buffer that grows. Its writers call `reserve` before they write beyond `at`. */
export class Output {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  at = 0;

  reserve(count: number): void {
    if (this.at + count > this.bytes.length) this.#grow(this.at + count);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A byte, and a number of `width` bytes behind it. */
  tagged(tag: number, width: 1 | 2 | 4, value: number): void {
    this.reserve(5);
    const { bytes, at } = this;
    bytes[at] = tag;
    if (width === 1) {
      bytes[at + 1] = value;
    } else if (width === 2) {
      bytes[at + 1] = value >> 8;
      bytes[at + 2] = value;
    } else {
      this.view.setUint32(at + 1, value);
    }
    this.at = at + 1 + width;
  }

  copy(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.at);
    this.at += source.length;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
