/** True for `{}`, for objects without a prototype, and for `{}` of another realm. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null;
}

const HINTS = new Map([
  ["Map", "send Object.fromEntries(map) or [...map]"],
  ["Set", "send [...set]"],
  ["ArrayBuffer", "send new Uint8Array(buffer)"],
  ["SharedArrayBuffer", "send new Uint8Array(buffer)"],
  ["DataView", "send a Uint8Array of its bytes"],
]);

/** Why an instance of a class is refused, and what to send instead. */
export function unsendable(value: object): string {
  const constructor: unknown = Reflect.get(value, "constructor");
  const name = typeof constructor === "function" && constructor.name !== "" ? constructor.name : "unnamed class";
  return `an instance of ${name} can't be sent as MessagePack; ${HINTS.get(name) ?? "send a plain object"}`;
}
