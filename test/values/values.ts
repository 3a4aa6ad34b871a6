/** A value that is sent through an echo, by the name that it has in docs/values.md. */
export interface Sample {
  readonly name: string;
  readonly value: unknown;
}

class Point {
  readonly x = 1;
}

class Secret {
  readonly #hidden = 1;
  get hidden(): number {
    return this.#hidden;
  }
}

class Half {
  readonly x = 1;
  readonly #hidden = 2;
  get hidden(): number {
    return this.#hidden;
  }
}

class List extends Array<number> {}

/** Something that the language puts more on. */
function withMember(value: object): object {
  return Object.assign(value, { more: 1 });
}

function withHidden(value: object): object {
  return Object.defineProperty(value, "hidden", { value: 1, enumerable: false });
}

function withGetter(get: () => unknown): object {
  return Object.defineProperty({}, "a", { get, enumerable: true });
}

function fail(): never {
  throw new Error("not today");
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function argumentsOf(..._given: number[]): unknown {
  // eslint-disable-next-line prefer-rest-params -- this is what is to be sent
  return arguments;
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function circle(): unknown {
  const value: unknown[] = [];
  value.push(value);
  return value;
}

function named(entries: Readonly<Record<string, unknown>>): Sample[] {
  return Object.entries(entries).map(([name, value]) => ({ name, value }));
}

const numbers = named({
  "0": 0,
  "-0": -0,
  "0.1": 0.1,
  "2^53 - 1": Number.MAX_SAFE_INTEGER,
  "-(2^53 - 1)": Number.MIN_SAFE_INTEGER,
  "2^53": 2 ** 53,
  "2^53 + 2": 2 ** 53 + 2,
  "2^63": 2 ** 63,
  "2^64": 2 ** 64,
  "1e21": 1e21,
  "1e-320, a denormal": 1e-320,
  "5e-324, the smallest": Number.MIN_VALUE,
  "1.8e308, the largest": Number.MAX_VALUE,
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
  "an array of 0.1, -1.5, 1e300": [0.1, -1.5, 1e300],
});

const bigints = named({
  "5n": 5n,
  "2n ** 53n": 2n ** 53n,
  "2n ** 53n + 1n": 2n ** 53n + 1n,
  "2n ** 63n": 2n ** 63n,
  "-(2n ** 63n)": -(2n ** 63n),
  "2n ** 64n - 1n": 2n ** 64n - 1n,
  "2n ** 64n": 2n ** 64n,
});

const texts = named({
  "an empty string": "",
  "a string with quotes, backslashes, line ends, NUL": '"\\\n\r\t\0\u007f',
  "U+2028, U+2029 and a byte-order mark": "\u2028\u2029\ufeff",
  "a character outside the basic plane": "😀",
  "a lone high surrogate": "a\ud83d",
  "a lone low surrogate": "\ude00a",
  "a key with a lone surrogate": { "\ud83d": 1 },
  "a string of 1,000,000 characters": "long".repeat(250_000),
  "a string of 300,000 characters of 3 bytes": "€".repeat(300_000),
});

const absences = named({
  null: null,
  "`undefined` as the value": undefined,
  "`undefined` in an object": { a: undefined, b: 1 },
  "`undefined` in an array": [undefined, 1],
  "a hole in an array": new Array(1),
  "a function": () => 1,
  "a function in an object": { a: () => 1, b: 1 },
  "a symbol": Symbol("s"),
});

const objects = named({
  "an empty object": {},
  "an empty array": [],
  "an object without a prototype": Object.assign(Object.create(null) as object, { a: 1 }),
  "a key `__proto__`": JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
  "keys `constructor`, `toString`, `length`": { constructor: 1, toString: 2, length: 3 },
  "an empty key": { "": 1 },
  "keys that are numbers": { 1: "a", 0: "b" },
  "120 levels of nesting": nested(120),
  "200 levels of nesting": nested(200),
  "a circle": circle(),
  "an instance of a class with fields": new Point(),
  "an instance of a class without fields": new Secret(),
  "an object with `toJSON`": { toJSON: () => "text" },
  "an `Error`": new RangeError("no"),
  "a `RegExp`": /a/,
  "a `Map`": new Map([["a", 1]]),
  "a `Set`": new Set([1]),
  "a `Date`": new Date("2024-02-29T12:34:56.789Z"),
  "a `Date` before 1970": new Date(-1),
  "an invalid `Date`": new Date(NaN),
});

const bearers = named({
  "an object with `toJSON` that returns an object": { toJSON: () => ({ a: 1 }) },
  "an object with `toJSON` that returns `undefined`": { a: { toJSON: () => undefined }, b: 1 },
  "an object with `toJSON` that returns NaN": { toJSON: () => NaN },
  "an object with `toJSON` that returns a `Map`": { toJSON: () => new Map([["a", 1]]) },
  "an object with `toJSON` that throws": { toJSON: fail },
  "an array with `toJSON`": Object.assign([1], { toJSON: () => "text" }),
  "an array with `toJSON` beside a long string": ["x".repeat(50_000), Object.assign([1], { toJSON: () => "text" })],
  "a `URL`": new URL("http://localhost/"),
  "an `Error` with members": Object.assign(new RangeError("no"), { code: 7 }),
  "a `Map` with a member": withMember(new Map([["a", 1]])),
  "a `Set` with a member": withMember(new Set([1])),
  "a `WeakMap`": new WeakMap(),
  "a `WeakSet` with a member": withMember(new WeakSet()),
  "a `RegExp` with a member": withMember(/a/),
  "a `Promise`": Promise.resolve(1),
  "a `Date` with a member": withMember(new Date(0)),
  "a `Uint8Array` with a member": withMember(Uint8Array.of(1)),
  "an array with a member": withMember([1]),
  "an array of a class of one's own": List.of(1, 2),
  "an array with a hole between": [1, , 3], // eslint-disable-line no-sparse-arrays -- that is the sample
  "a symbol as a key": { [Symbol("s")]: 1, b: 1 },
  "a member that is not enumerable": withHidden({ b: 1 }),
  "a symbol in an object": { a: Symbol("s"), b: 1 },
  "a function in an array": [() => 1],
  "a `Number` object": Object(5) as unknown,
  "a `Number` object of NaN": Object(NaN) as unknown,
  "a `String` object": Object("a") as unknown,
  "a `Boolean` object": Object(false) as unknown,
  "a bigint object": Object(5n) as unknown,
  "an instance of a class with a private field": new Half(),
  "an `arguments` object": argumentsOf(1, 2),
  "a getter": withGetter(() => 1),
  "a getter that throws": withGetter(fail),
  "a proxy of an object": new Proxy({ a: 1 }, {}),
  "a proxy of an array": new Proxy([1], {}),
  "a proxy that is revoked": revoked(),
  "a proxy whose traps throw": new Proxy({}, { ownKeys: fail }),
});

const binary = named({
  "a `Uint8Array`": Uint8Array.of(0, 10, 255),
  "an empty `Uint8Array`": new Uint8Array(0),
  "a `Uint8Array` of 1,000,000 bytes": new Uint8Array(1_000_000).fill(10),
  "a `Buffer`": Buffer.from("bytes"),
  "an `ArrayBuffer`": new ArrayBuffer(3),
  "a `DataView`": new DataView(new ArrayBuffer(3)),
  "an `Int8Array`": Int8Array.of(-128, 127),
  "a `Uint8ClampedArray`": Uint8ClampedArray.of(0, 255),
  "an `Int16Array`": Int16Array.of(-32_768, 32_767),
  "a `Uint16Array`": Uint16Array.of(0, 65_535),
  "an `Int32Array`": Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
  "a `Uint32Array`": Uint32Array.of(0, 2 ** 32 - 1),
  "a `Float32Array`": Float32Array.of(0.5, -0, NaN, Infinity),
  "a `Float64Array`": Float64Array.of(0.1, -0, NaN, -Infinity),
  "a `BigInt64Array`": BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
  "a `BigUint64Array`": BigUint64Array.of(0n, 2n ** 64n - 1n),
  "a part of a `Float64Array`": Float64Array.of(9, 0.1, 9).subarray(1, 2),
});

export const samples: readonly Sample[] = [
  ...absences,
  ...numbers,
  ...bigints,
  ...texts,
  ...objects,
  ...bearers,
  ...binary,
];
