import { isLittleEndian } from "./byte-order.js";
import { Refusal } from "./errors.js";
import { writeBytesHeader, writeExtensionHeader } from "./headers.js";
import type { Output } from "./output.js";
import { unsendable } from "./plain.js";
import { assertAttached, typedArrayCode, typedArrayName } from "./typed-arrays.js";

/** From here on a binary value is not copied into the output. */
const LARGE_BYTES = 64 * 1024;

/** A large binary value, and the place in the output at which it belongs. */
export interface LargeBytes {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A `Uint8Array` as bin, another typed array as an extension. Of large ones only the header; they go to `large`. */
export function writeView(out: Output, view: ArrayBufferView, large: LargeBytes[]): void {
  const name = typedArrayName(view);
  const code = name === "Uint8Array" ? undefined : typedArrayCode(name);
  if (code === undefined && name !== "Uint8Array") throw new Refusal(view, unsendable(view));
  if (code !== undefined && !isLittleEndian)
    throw new Refusal(view, `a ${name} can't be sent from a big-endian machine`);
  if (view.byteLength === 0) assertAttached(view);
  // Not `view` itself, whose `length` a user's class may have overridden: the header has to tell the truth.
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (code === undefined) writeBytesHeader(out, bytes.length);
  else writeExtensionHeader(out, bytes.length, code);
  if (bytes.length < LARGE_BYTES) out.copy(bytes);
  else large.push({ at: out.at, bytes });
}
