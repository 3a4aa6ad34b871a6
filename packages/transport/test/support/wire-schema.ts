/**
 * What JSON-RPC 2.0 allows on the wire, as strictly as this package writes it: no member beyond those of the
 * specification, an id in every answer, a code that is a whole number.
 */

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a decoded frame; `undefined` for a message or a batch of messages. */
export function problemOfFrame(value: unknown): string | undefined {
  if (!Array.isArray(value)) return problemOfMessage(value);
  if (value.length === 0) return "an empty batch";
  const kinds = new Set(value.map(isAnswer));
  if (kinds.size > 1) return "a batch of calls and answers";
  for (const entry of value) {
    const problem = problemOfMessage(entry);
    if (problem !== undefined) return `in a batch: ${problem}`;
  }
  return undefined;
}

/** Throws when the decoded frame is no valid message. */
export function assertFrame(value: unknown): void {
  const problem = problemOfFrame(value);
  if (problem !== undefined) throw new Error(`not JSON-RPC 2.0: ${problem}: ${show(value)}`);
}

function problemOfMessage(value: unknown): string | undefined {
  if (!isObject(value)) return "a message is an object";
  if (value["jsonrpc"] !== "2.0") return 'jsonrpc is "2.0"';
  return isAnswer(value) ? problemOfAnswer(value) : problemOfCall(value);
}

function problemOfCall(call: Fields): string | undefined {
  if (typeof call["method"] !== "string") return "method is a string";
  if ("id" in call && !isId(call["id"])) return "id is a number, a string or null";
  const { params } = call;
  if ("params" in call && !isObject(params) && !Array.isArray(params)) return "params is an object or an array";
  return unexpected(call, ["jsonrpc", "id", "method", "params"]);
}

function problemOfAnswer(answer: Fields): string | undefined {
  if (!("id" in answer) || !isId(answer["id"])) return "an answer has an id";
  if ("result" in answer && "error" in answer) return "result or error, not both";
  if ("result" in answer) {
    return answer["result"] === undefined ? "result is a value" : unexpected(answer, ["jsonrpc", "id", "result"]);
  }
  const { error } = answer;
  if (!isObject(error)) return "error is an object";
  if (!Number.isInteger(error["code"])) return "error.code is a whole number";
  if (typeof error["message"] !== "string") return "error.message is a string";
  return unexpected(error, ["code", "message", "data"]) ?? unexpected(answer, ["jsonrpc", "id", "error"]);
}

function unexpected(value: Fields, allowed: readonly string[]): string | undefined {
  const extra = Object.keys(value).find((name) => !allowed.includes(name));
  return extra === undefined ? undefined : `no member "${extra}"`;
}

function isAnswer(value: unknown): boolean {
  return isObject(value) && ("result" in value || "error" in value);
}

function isId(id: unknown): boolean {
  return id === null || ["number", "string", "bigint"].includes(typeof id);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? `${member}n` : member));
  return text.slice(0, 300);
}
