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
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** The built-in class of a typed array, also of one from another realm; `undefined` for a `DataView`. */
export function typedArrayName(view: ArrayBufferView): string | undefined {
  return Reflect.get(TYPED_ARRAY, Symbol.toStringTag, view) as string | undefined;
}

/** The extension type of the typed arrays of that class; `undefined` where there is none. */
export function typedArrayCode(name: string): number | undefined {
  return CODES.get(name);
}

/** The bytes of a typed array as they stand in memory, which is as they go on the wire. */
export function typedArrayBytes(view: ArrayBufferView, name: string): Uint8Array {
  if (!isLittleEndian) throw new Refusal(view, `a ${name} can't be sent from a big-endian machine`);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
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
