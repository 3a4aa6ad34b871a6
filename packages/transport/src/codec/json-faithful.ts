/**
 * `JSON.stringify` alters some values without a word: NaN becomes null, a Map becomes {}. This one refuses them, and
 * names the place. It looks at what `toJSON` returns as well, and is several times slower: it is for values that are not
 * plain data (`json-plain`).
 */

import { isOpen } from "./json-plain.js";

/** Where an object stands: what holds it, and by which name. */
interface Position {
  readonly holder: object;
  readonly name: string;
}

/** What can't be sent, and what to do about it. */
interface Problem {
  readonly what: string;
  readonly hint?: string;
}

const NO_NUMBER = "Send null or a string, or use MessagePackCodec.";

/** Names of classes whose content is not in their members: so they are told in instances of other realms, too. */
const OPAQUE: ReadonlySet<string> = new Set(["Error", "RegExp", "Map", "Set", "WeakMap", "WeakSet", "Promise"]);
const BUFFERS: ReadonlySet<string> = new Set(["ArrayBuffer", "SharedArrayBuffer"]);

/** The JSON text; `undefined` where there is none. Throws a `TypeError` for what would arrive as something else. */
export function stringifyFaithfully(value: unknown): string | undefined {
  const positions = new Map<unknown, Position>();
  return JSON.stringify(value, function (this: object, name: string, member: unknown) {
    const problem = problemOf(this, name, member);
    if (problem !== undefined) throw new JsonRefusal(placeOf(this, name, positions), problem);
    if (typeof member === "object" && member !== null && holds(member, this, positions)) {
      throw new JsonRefusal(placeOf(this, name, positions), {
        what: "an object inside of itself",
        hint: "Leave it out.",
      });
    }
    if (typeof member === "object" && member !== null) positions.set(member, { holder: this, name });
    return member;
  });
}

/** Whether `inner`, or what holds it, is the object: then it has no end. */
function holds(object: object, inner: object, positions: ReadonlyMap<unknown, Position>): boolean {
  for (let at: object | undefined = inner; at !== undefined; at = positions.get(at)?.holder) {
    if (at === object) return true;
  }
  return false;
}

/** Why a value can't be sent. What `toJSON` says in its place is looked at, not the value itself. */
function problemOf(holder: object, name: string, value: unknown): Problem | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { what: String(value), hint: NO_NUMBER };
  if (typeof value === "bigint") return { what: "a bigint", hint: "Send it as a string, or use MessagePackCodec." };
  if (typeof value !== "object") return undefined;
  if (value === null) return problemOfNull((holder as Record<string, unknown>)[name]);
  if ("type" in value && value.type === "Buffer") {
    const original = (holder as Record<string, unknown>)[name];
    if (ArrayBuffer.isView(original)) return binary(kindOf(original));
  }
  return Array.isArray(value) ? undefined : problemOfObject(value);
}

/** An invalid `Date` says null of itself. */
function problemOfNull(original: unknown): Problem | undefined {
  if (original === null || kindOf(original) !== "Date") return undefined;
  return Number.isNaN(Date.prototype.getTime.call(original as Date))
    ? { what: "an invalid Date", hint: "Send null in its place." }
    : undefined;
}

function problemOfObject(value: object): Problem | undefined {
  const kind = kindOf(value);
  if (kind === "Number") return problemOf({}, "", Number(value));
  if (kind === "String" || kind === "Boolean") return undefined;
  if (ArrayBuffer.isView(value) || BUFFERS.has(kind)) return binary(kind);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  const hasAll = isOpen(prototype) && !OPAQUE.has(kind) && Object.keys(value).length > 0;
  return hasAll ? undefined : { what: `an instance of ${classOf(value)}`, hint: hintFor(kind) };
}

function hintFor(kind: string): string {
  if (kind === "Map") return "Send Object.fromEntries(map), or [...map].";
  if (kind === "Set") return "Send [...set].";
  if (kind === "Promise") return "Await it first.";
  return kind === "Error" ? "Send its message." : "Send a plain object, or give the class a method toJSON.";
}

/** The language's own name of what the value is, such as `Map`. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function binary(kind: string): Problem {
  return {
    what: `a ${kind === "Uint8Array" ? "Uint8Array or Buffer" : kind}`,
    hint: "Binary values need MessagePackCodec.",
  };
}

function classOf(value: object): string {
  const constructor: unknown = value.constructor;
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "a class";
}

function placeOf(holder: object, name: string, positions: ReadonlyMap<unknown, Position>): string {
  const outer = positions.get(holder);
  if (outer === undefined) return name;
  return placeOf(outer.holder, outer.name, positions) + stepTo(name, Array.isArray(holder));
}

/** One step of a place, such as `.name`, `[0]` or `["a name"]`. */
export function stepTo(name: string, isIndex: boolean): string {
  if (isIndex) return `[${name}]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** A value that JSON can't express. The codec knows where it stands in what it was given; whoever gave that knows the rest. */
export class JsonRefusal extends TypeError {
  readonly #place: string;
  readonly #problem: Problem;

  /** @param place such as `.rows[0]`; `""` for the value itself */
  constructor(place: string, problem: Problem) {
    super(sentenceOf(place.replace(/^\./, ""), problem));
    this.#place = place;
    this.#problem = problem;
  }

  /** The same error of a value that stands in something larger, such as `params`. */
  inside(outer: string): JsonRefusal {
    return new JsonRefusal(outer + this.#place, this.#problem);
  }
}

function sentenceOf(place: string, { what, hint }: Problem): string {
  return `JSON can't express ${what}${place === "" ? "" : ` at ${place}`}.${hint === undefined ? "" : ` ${hint}`}`;
}
