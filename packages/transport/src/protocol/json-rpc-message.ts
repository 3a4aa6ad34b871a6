import type { ErrorObject, InvalidMessage, Message, RequestId } from "./contract.js";

type Fields = Readonly<Record<string, unknown>>;

/** Tells what a decoded value is. Never throws: what is no message is `"invalid"`, with the reason. */
export function parseMessage(value: unknown): Message {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid("a message is an object", undefined, false);
  }
  const fields = value as Fields;
  if (fields["jsonrpc"] !== "2.0") return invalid('jsonrpc is not "2.0"', fields, isAnswer(fields));
  return fields["method"] === undefined ? parseAnswer(fields) : parseCall(fields);
}

function parseCall(fields: Fields): Message {
  const method = fields["method"];
  const params = fields["params"];
  const id = fields["id"];
  if (typeof method !== "string") return invalid("method is not a string", fields, false);
  if (params !== undefined && (typeof params !== "object" || params === null)) {
    return invalid("params is neither an object nor an array", fields, false);
  }
  if (id === undefined) return { kind: "notification", method, params, raw: fields };
  if (!isRequestId(id)) return invalid("id is neither a number, a string nor null", undefined, false);
  return { kind: "request", id, method, params, raw: fields };
}

function parseAnswer(fields: Fields): Message {
  const id = fields["id"];
  const result = fields["result"];
  const error = fields["error"];
  if (!isRequestId(id)) return invalid("neither a method nor a usable id", undefined, isAnswer(fields));
  if (error === undefined) {
    if (result === undefined) return invalid("an answer without result and error", fields, true);
    return { kind: "response", id, result };
  }
  if (result !== undefined) return invalid("an answer with both result and error", fields, true);
  if (!isErrorObject(error)) return invalid("error is not { code, message }", fields, true);
  return { kind: "error", id, error };
}

function isAnswer(fields: Fields): boolean {
  return fields["result"] !== undefined || fields["error"] !== undefined;
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === "number" || typeof id === "string" || id === null;
}

function isErrorObject(error: unknown): error is ErrorObject {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as Fields;
  return Number.isInteger(code) && typeof message === "string";
}

function invalid(reason: string, fields: Fields | undefined, answer: boolean): InvalidMessage {
  const id = fields?.["id"];
  return { kind: "invalid", reason, id: isRequestId(id) ? id : undefined, isAnswer: answer };
}

export function errorMessage(id: RequestId, error: ErrorObject): Record<string, unknown> {
  const { code, message, data } = error;
  return { jsonrpc: "2.0", id, error: data === undefined ? { code, message } : { code, message, data } };
}

export function notStructured(): TypeError {
  return new TypeError("JSON-RPC params must be an object or an array");
}
