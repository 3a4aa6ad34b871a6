import type { AlteredNumberError } from "../codec/json-numbers.js";
import {
  ExactId,
  type ErrorObject,
  type InvalidMessage,
  type Message,
  type RequestId,
  type SingleMessage,
} from "./contract.js";

type Fields = Readonly<Record<string, unknown>>;

/** Tells what a decoded value is. Never throws: what is no message is `"invalid"`, with the reason. */
export function parseMessage(value: unknown): SingleMessage {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid("a message is an object", undefined, false);
  }
  const fields = value as Fields;
  if (fields["jsonrpc"] !== "2.0") return invalid('jsonrpc is not "2.0"', fields, isAnswer(fields));
  return fields["method"] === undefined ? parseAnswer(fields) : parseCall(fields);
}

/**
 * The messages of a batch, each judged by itself. Above the limit it is one invalid message beside the answers in it: what
 * they answer was asked for, and would wait for ever.
 *
 * @param maxSize 0 where the dialect has no batches
 */
export function parseBatch(values: readonly unknown[], maxSize: number): Message {
  if (values.length === 0) return invalid("a batch is not empty", undefined, false);
  if (values.length <= maxSize) return { kind: "batch", messages: values.map(parseMessage) };
  const messages = values.filter((value) => isFields(value) && isAnswer(value)).map(parseMessage);
  if (messages.length === values.length) return { kind: "batch", messages };
  const claimsToBeOne = values.some((value) => isFields(value) && value["jsonrpc"] !== undefined);
  const reason = maxSize === 0 ? "batches are not supported here" : `a batch has at most ${maxSize} messages`;
  const data = { limit: "batchMessages", value: maxSize };
  const refused = { ...invalid(reason, claimsToBeOne ? { jsonrpc: "2.0" } : undefined, false), data };
  return messages.length === 0 ? refused : { kind: "batch", messages: [...messages, refused] };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function parseCall(fields: Fields): SingleMessage {
  const method = fields["method"];
  const params = fields["params"];
  const id = fields["id"];
  if (typeof method !== "string") return invalid("method is not a string", fields, false);
  if (params !== undefined && !isStructured(params)) {
    return invalid("params is neither an object nor an array", fields, false);
  }
  if (id === undefined) return { kind: "notification", method, params, raw: fields };
  if (!isRequestId(id)) return invalid("id is neither a number, a string nor null", { jsonrpc: "2.0" }, false);
  return { kind: "request", id, method, params, raw: fields };
}

function parseAnswer(fields: Fields): SingleMessage {
  const id = fields["id"];
  const result = fields["result"];
  const error = fields["error"];
  if (!isRequestId(id)) return invalid("neither a method nor a usable id", { jsonrpc: "2.0" }, isAnswer(fields));
  if (error === undefined) {
    if (result === undefined) return invalid("neither a method, a result nor an error", fields, "if awaited");
    return { kind: "response", id, result };
  }
  if (result !== undefined) return invalid("an answer with both result and error", fields, true);
  if (!isErrorObject(error)) return invalid("error is not { code, message }", fields, true);
  return { kind: "error", id, error };
}

/** A method makes a call of any message. */
function isAnswer(fields: Fields): boolean {
  return fields["method"] === undefined && (fields["result"] !== undefined || fields["error"] !== undefined);
}

export function isRequestId(id: unknown): id is RequestId {
  return typeof id === "number" || typeof id === "string" || id === null || typeof id === "bigint";
}

/** Whether params may be that: a map or an array. What a codec makes of bytes, numbers in rows and dates is neither. */
export function isStructured(params: unknown): params is object {
  if (typeof params !== "object" || params === null) return false;
  if (Object.getPrototypeOf(params) === Object.prototype || Array.isArray(params)) return true;
  return !ArrayBuffer.isView(params) && !(params instanceof ArrayBuffer) && !(params instanceof Date);
}

function isErrorObject(error: unknown): error is ErrorObject {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as Fields;
  return Number.isSafeInteger(code) && typeof message === "string";
}

function invalid(reason: string, fields: Fields | undefined, answer: InvalidMessage["isAnswer"]): InvalidMessage {
  const id = fields?.["id"];
  const isStray = fields?.["jsonrpc"] === undefined;
  return { kind: "invalid", reason, id: isRequestId(id) ? id : undefined, isAnswer: answer, isStray };
}

/** Whether a place is in a member that has no meaning in the message. */
export function isIgnored([name]: readonly (string | number)[], message: unknown): boolean {
  return typeof name === "string" && !meaningfulMembers(message as Fields).includes(name);
}

export function withoutIgnored(message: unknown): unknown {
  return Object.fromEntries(meaningfulMembers(message as Fields).map((name) => [name, (message as Fields)[name]]));
}

function meaningfulMembers(fields: Fields): readonly string[] {
  return ["jsonrpc", "id", ...(fields["method"] === undefined ? ["result", "error"] : ["method", "params"])];
}

/** What it is with a number in it that would arrive altered. */
export function undecodable(message: SingleMessage, { message: reason }: AlteredNumberError): SingleMessage {
  const isValid = message.kind !== "invalid" && message.kind !== "undecodable";
  return isValid ? { kind: "undecodable", message, reason } : message;
}

export function errorMessage(id: RequestId, error: ErrorObject): Record<string, unknown> {
  return { jsonrpc: "2.0", id: id instanceof ExactId ? id.text : id, error: errorFields(error) };
}

/** What is sent of an error: the three members that JSON-RPC knows. */
export function errorFields({ code, message, data }: ErrorObject): ErrorObject {
  return data === undefined ? { code, message } : { code, message, data };
}

export function notStructured(): TypeError {
  return new TypeError("JSON-RPC params must be an object or an array");
}
