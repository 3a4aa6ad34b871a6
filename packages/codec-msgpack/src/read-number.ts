const UINT32 = 2 ** 32;

/** Whether a value that begins with this byte is a float or an integer of one to eight bytes more. */
export function isNumber(type: number): boolean {
  return type >= 0xca && type <= 0xd3;
}

/** How many bytes such a number takes behind its first one. */
export function numberWidth(type: number): number {
  return type < 0xcc ? (type === 0xca ? 4 : 8) : 1 << (type & 3);
}

/** The number whose bytes begin at `at`: exact, as a bigint where it is an integer that no number can be trusted with. */
export function readNumber(view: DataView, type: number, at: number): number | bigint {
  switch (type) {
    case 0xca:
      return view.getFloat32(at);
    case 0xcb:
      return view.getFloat64(at);
    case 0xcc:
      return view.getUint8(at);
    case 0xcd:
      return view.getUint16(at);
    case 0xce:
      return view.getUint32(at);
    case 0xcf:
      return unsigned64(view, at);
    case 0xd0:
      return view.getInt8(at);
    case 0xd1:
      return view.getInt16(at);
    case 0xd2:
      return view.getInt32(at);
    default:
      return signed64(view, at);
  }
}

function unsigned64(view: DataView, at: number): number | bigint {
  const value = view.getUint32(at) * UINT32 + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : view.getBigUint64(at);
}

function signed64(view: DataView, at: number): number | bigint {
  const value = view.getInt32(at) * UINT32 + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : view.getBigInt64(at);
}
