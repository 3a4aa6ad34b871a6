/** Parts below this are copied together; larger ones go to the system as they are. */
const COPY_BELOW_BYTES = 8 * 1024;
const PAGE_BYTES = 64 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Bytes that are to be written, in order. Small parts are copied into pages as they come. */
export class PartList {
  #parts: Uint8Array[] = [];
  #length = 0;
  #page: Uint8Array = NOTHING;
  /** What of the page is not in `#parts` yet. What lies before is being written, and is not touched any more. */
  #from = 0;
  #to = 0;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  push(part: Uint8Array): void {
    this.#length += part.length;
    if (part.length < COPY_BELOW_BYTES) {
      this.#copy(part);
    } else {
      this.#seal();
      this.#parts.push(part);
    }
  }

  /** All of them; the list is empty afterwards. */
  take(): Uint8Array[] {
    this.#seal();
    const parts = this.#parts;
    this.#parts = [];
    this.#length = 0;
    return parts;
  }

  #copy(part: Uint8Array): void {
    if (this.#page.length - this.#to < part.length) {
      this.#seal();
      this.#page = new Uint8Array(PAGE_BYTES);
      this.#from = 0;
      this.#to = 0;
    }
    this.#page.set(part, this.#to);
    this.#to += part.length;
  }

  #seal(): void {
    if (this.#to > this.#from) this.#parts.push(this.#page.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
