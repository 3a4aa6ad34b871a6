/** So much of a string is shown. */
const SHOWN = 60;

/** A few words for a value that is not what it should be. Never throws, and runs no code of the value's own. */
export function nameOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return isList(value) ? "an array" : "an object";
  if (typeof value === "function") return classOf(value) ?? "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value);
}

/** `Array.isArray` throws for a proxy that was revoked. */
function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** The name of a class, with which somebody may have meant an instance; `undefined` for other functions. */
export function classNameOf(value: unknown): string | undefined {
  if (typeof value !== "function") return undefined;
  const [, name] = /^class\s+([\w$]+)/.exec(Function.prototype.toString.call(value)) ?? [];
  // What bundlers do to a class that mentions itself.
  return name?.replace(/^_/, "");
}

function classOf(value: unknown): string | undefined {
  const name = classNameOf(value);
  return name === undefined ? undefined : `the class ${name}`;
}
