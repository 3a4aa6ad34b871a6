const DEFAULT_MAX_DEPTH = 128;

export interface MessagePackCodecOptions {
  /** Deepest nesting of arrays and maps in a message, in both directions. Default 128; the stack holds some thousands. */
  readonly maxDepth?: number | undefined;
}

/** Throws a `TypeError` for another type and another name, and a `RangeError` for what is no whole number above 0. */
export function readMaxDepth(given: MessagePackCodecOptions = {}): number {
  assertObject(given);
  for (const name in given) {
    if (name !== "maxDepth") {
      throw new TypeError(`MessagePackCodec: there is no option ${JSON.stringify(name)}. The only one is maxDepth.`);
    }
  }
  const { maxDepth = DEFAULT_MAX_DEPTH } = given;
  if (typeof maxDepth !== "number") throw new TypeError(wrongDepth(maxDepth));
  if (!Number.isSafeInteger(maxDepth) || maxDepth < 1) throw new RangeError(wrongDepth(maxDepth));
  return maxDepth;
}

function assertObject(given: unknown): asserts given is object {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return;
  throw new TypeError(
    `MessagePackCodec: the options must be an object, such as { maxDepth: 64 }, not ${nameOf(given)}.`,
  );
}

function wrongDepth(value: unknown): string {
  return `MessagePackCodec: maxDepth must be a whole number >= 1, not ${nameOf(value)}.`;
}

function nameOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
