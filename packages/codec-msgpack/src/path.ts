/**
 * Where `wanted` stands in `value`, such as `params.list[2]`; `undefined` where it can't be told. For error messages:
 * walks the value in the encoder's order, so that the first find is the one that the encoder met.
 */
export function pathTo(wanted: unknown, value: unknown, depth: number): string | undefined {
  try {
    return find(wanted, value, depth)?.replace(/^\./, "");
  } catch {
    // A getter that throws.
    return undefined;
  }
}

function find(wanted: unknown, value: unknown, depth: number): string | undefined {
  if (Object.is(value, wanted)) return "";
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || depth < 0) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const rest = find(wanted, member, depth - 1);
    if (rest !== undefined) return step(key, Array.isArray(value)) + rest;
  }
  return undefined;
}

function step(key: string, isIndex: boolean): string {
  if (isIndex) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
