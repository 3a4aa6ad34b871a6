/**
 * `JSON.stringify` alters some values without a word: NaN becomes null, a Map becomes {}. Looking at every value would
 * double the cost of encoding, so the text is searched for what such values leave behind, and only then the value is
 * looked at.
 */

/** What the altered values become: null, an empty object, an array with keys. */
const TRACES = ["null", "{}", '{"0":', '"type":"Buffer"'];
const ANY_TRACE = /null|\{\}|\{"0":|"type":"Buffer"/;
/** For shorter texts one pass of a regular expression is faster than four native searches; for longer ones it is slower. */
const SHORT = 256;

/** Throws a `TypeError` that names the place when the text does not say what the value is. */
export function assertFaithful(value: unknown, text: string): void {
  const isSuspicious = text.length < SHORT ? ANY_TRACE.test(text) : TRACES.some((trace) => text.includes(trace));
  if (isSuspicious) inspect(value, "");
}

function inspect(value: unknown, place: string): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refusal(place, String(value));
  } else if (typeof value === "object" && value !== null) {
    inspectObject(value, place);
  }
}

function inspectObject(value: object, place: string): void {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    throw refusal(place, `a ${value.constructor.name}`, "Binary values need MessagePackCodec.");
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refusal(place, "an invalid Date");
  } else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) inspect(element, `${place}[${index}]`);
  } else if (!("toJSON" in value)) {
    inspectMembers(value, place);
  }
}

/** Of an instance of a class its fields are sent; one without fields, such as a Map, would arrive as nothing. */
function inspectMembers(value: object, place: string): void {
  const members = Object.entries(value);
  if (members.length === 0 && !isPlain(value)) throw refusal(place, `an instance of ${value.constructor.name}`);
  for (const [name, member] of members) inspect(member, `${place}.${name}`);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refusal(place: string, what: string, hint = ""): TypeError {
  const where = place === "" ? "" : ` at ${place.replace(/^\./, "")}`;
  return new TypeError(`JSON can't express ${what}${where}. ${hint}`.trimEnd());
}
