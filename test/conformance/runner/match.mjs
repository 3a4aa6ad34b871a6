// Whether a message is what a session expects. Of an error only the code counts, and its data where a session names it;
// of a batch the order does not.

/** @typedef {Map<string, unknown>} Names what a session gave a name to */

/**
 * @param {unknown} expected
 * @param {unknown} actual
 * @param {Names} names
 */
export function isMessage(expected, actual, names) {
  if (Array.isArray(expected) && Array.isArray(actual)) return isSameSet(expected, actual, names);
  return isEqual(expected, actual, names);
}

/**
 * @param {readonly unknown[]} expected
 * @param {readonly unknown[]} actual
 * @param {Names} names
 */
export function isSameSet(expected, actual, names) {
  const left = [...actual];
  return (
    expected.length === actual.length &&
    expected.every((one) => {
      const at = left.findIndex((other) => isEqual(one, other, names));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
  );
}

/**
 * @param {unknown} expected
 * @param {unknown} actual
 * @param {Names} names
 * @returns {boolean}
 */
function isEqual(expected, actual, names) {
  if (!isObject(expected)) return Object.is(expected, actual);
  if ("$" in expected) return isSpecial(expected, actual, names);
  if (Array.isArray(expected) || Array.isArray(actual)) {
    return (
      Array.isArray(expected) &&
      Array.isArray(actual) &&
      expected.length === actual.length &&
      expected.every((one, at) => isEqual(one, actual[at], names))
    );
  }
  if (!isObject(actual)) return false;
  const isError = "code" in expected && "message" in actual;
  const keys = isError ? Object.keys(expected) : [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return keys.every((key) => key in actual && key in expected && isEqual(expected[key], actual[key], names));
}

/**
 * @param {Record<string, unknown>} expected
 * @param {unknown} actual
 * @param {Names} names
 */
function isSpecial(expected, actual, names) {
  if (expected["$"] === "bind") {
    names.set(String(expected["as"]), actual);
    return actual !== undefined;
  }
  // The answer of rpc.discover: these are among the names.
  const found = Array.isArray(actual) ? actual.map((one) => (isObject(one) ? one["name"] : undefined)) : [];
  return /** @type {unknown[]} */ (expected["of"]).every((name) => found.includes(name));
}

/**
 * @param {unknown} message
 * @param {Names} names
 * @returns {unknown}
 */
export function filledIn(message, names) {
  if (!isObject(message)) return message;
  if (message["$"] === "use") return names.get(String(message["of"]));
  if (Array.isArray(message)) return message.map((one) => filledIn(one, names));
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, filledIn(value, names)]));
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null;
}
