import { isLittleEndian } from "./byte-order.js";
import { malformed, Refusal } from "./errors.js";

interface TypedArrayClass {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
}

const FIRST_CODE = 17;

/** In the order of their extension types, from 17 on. The order is part of the wire. */
const CLASSES: readonly TypedArrayClass[] = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

const CODES = new Map<string, number>(CLASSES.map(({ name }, index) => [name, FIRST_CODE + index]));

/** What all typed arrays inherit from. */
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

/** The built-in class of a typed array, also of one from another realm; "DataView" for the one view that is none. */
export function typedArrayName(view: ArrayBufferView): string {
  const name = Reflect.get(TYPED_ARRAY, Symbol.toStringTag, view) as string | undefined;
  return name ?? "DataView";
}

/** The extension type of the typed arrays of that class; `undefined` where there is none. */
export function typedArrayCode(name: string): number | undefined {
  return CODES.get(name);
}

/** An array whose buffer was transferred away, or shrunk below it, has length 0: sending that would be silent loss. */
export function assertAttached(view: ArrayBufferView): void {
  try {
    TYPED_ARRAY.keys.call(view as Uint8Array);
  } catch {
    throw new Refusal(view, "a typed array whose buffer was transferred or shrunk can't be sent");
  }
}

/** The typed array of an extension type: a view of `data` where its position allows one, else a copy. */
export function readTypedArray(data: Uint8Array, code: number): ArrayBufferView {
  const type = CLASSES[code - FIRST_CODE];
  if (type === undefined) throw malformed(`extension type ${code} is not known`);
  if (!isLittleEndian) throw malformed(`a ${type.name} can't be received on a big-endian machine`);
  const size = type.BYTES_PER_ELEMENT;
  if (data.length % size !== 0) throw malformed(`${data.length} bytes are no ${type.name}: ${size} bytes per element`);
  const { buffer, byteOffset } = data.byteOffset % size === 0 ? data : data.slice();
  return new type(buffer, byteOffset, data.length / size);
}
