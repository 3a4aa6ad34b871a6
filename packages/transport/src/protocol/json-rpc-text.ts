import { isPartDecoder, type JsonTextCodec } from "../codec/contract.js";
import type { Dialect } from "../dialects/contract.js";
import type { Payload } from "../framing/contract.js";
import { piecesOf } from "../framing/payload.js";
import type { Message, MessageHead, RequestId, Wire } from "./contract.js";
import { readPlainAnswer } from "./fast/index.js";
import { paramsAbout } from "./json-exact-id.js";
import { JsonMessageReader, ID_PREFIX } from "./json-message-reader.js";
import { errorFields, notStructured } from "./json-rpc-message.js";
import { salvage } from "./json-salvage.js";

const OBJECT_OPENING = 0x7b;
const ARRAY_OPENING = 0x5b;
/** So much of a message is looked at to tell whose it is. */
const HEAD_BYTES = 1024;
/** Method names are few; a peer that invents new ones for ever must not fill the memory. */
const MAX_KNOWN_METHODS = 1024;
const JSON_RPC = '{"jsonrpc":"2.0"';

/**
 * Writes the envelope as text around what the codec made of the parameters: the same bytes as encoding the whole
 * message, at about a third of the time for a small one.
 */
export function createJsonTextWire(codec: JsonTextCodec, maxBatchSize: number, dialect: Dialect): Wire {
  const methodText = createMethodWriter();
  const parts = isPartDecoder(codec) ? codec : undefined;
  const reader = new JsonMessageReader(codec, maxBatchSize, dialect);
  return {
    request: (id, method, params) => call(ID_PREFIX + String(id), methodText(method), paramsOf(codec, params)),
    notification: (method, params) => notification(methodText(method), paramsOf(codec, params)),
    control: (method, params) => notification(methodText(method), paramsAbout(codec, params)),
    result: (id, result) =>
      wrap(`${ID_PREFIX}${idText(id)},"result":`, result === undefined ? "null" : codec.encode(result)),
    error: (id, error) => wrap(`${ID_PREFIX}${idText(id)},"error":`, codec.encode(errorFields(error))),
    join: (payloads: readonly Payload[]) => {
      if (payloads.every((payload) => typeof payload === "string")) return `[${payloads.join(",")}]`;
      return [...payloads.flatMap((payload, at) => [at === 0 ? "[" : ",", ...piecesOf(payload)]), "]"];
    },
    decode: (bytes, start, end) =>
      (parts && readPlainAnswer(parts, bytes, start, end)) ?? reader.read(codec.text(bytes, start, end)),
    peek: peekJsonText,
    salvage: (frame) =>
      salvage(frame, (piece) => messageOf(piece, (bytes) => reader.read(codec.text(bytes, 0, bytes.length)))),
  };
}

/** A whole, valid message; an invalid one where its beginning says what it was meant to be; or nothing. */
function messageOf(piece: Uint8Array, decode: (bytes: Uint8Array) => Message): Message | undefined {
  try {
    const message = decode(piece);
    return message.kind === "invalid" ? undefined : message;
  } catch (error) {
    const head = peekJsonText(piece);
    if (head === undefined) return undefined;
    const reason = `it can't be read: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: "invalid", reason, id: head.id, isAnswer: head.isAnswer === true, isStray: false };
  }
}

/** @param head the call up to its method */
function call(head: string, method: MethodText, params: Payload | undefined): Payload {
  return params === undefined ? `${head}${method.alone}}` : wrap(head + method.beforeParams, params);
}

function notification(method: MethodText, params: Payload | undefined): Payload {
  return params === undefined ? `${JSON_RPC}${method.alone}}` : wrap(method.ofNotification, params);
}

function paramsOf(codec: JsonTextCodec, params: unknown): Payload | undefined {
  if (params === undefined) return undefined;
  const payload = codec.stringify(params);
  if (payload === undefined || !(isContainer(params) || isStructured(payload))) throw notStructured();
  return payload;
}

/** A look at the text would make V8 put it together, which it does for a whole turn at once when that is written. */
function isContainer(params: unknown): boolean {
  if (typeof params !== "object" || params === null || (params as { toJSON?: unknown }).toJSON !== undefined)
    return false;
  return Array.isArray(params) || Object.getPrototypeOf(params) === Object.prototype;
}

function isStructured(payload: Payload): boolean {
  const [piece] = piecesOf(payload);
  const first = typeof piece === "string" ? piece.charCodeAt(0) : piece?.[0];
  return first === OBJECT_OPENING || first === ARRAY_OPENING;
}

/** The value as the last member of the object that `head` begins. */
function wrap(head: string, value: Payload): Payload {
  return typeof value === "string" ? `${head}${value}}` : [head, ...piecesOf(value), "}"];
}

function idText(id: RequestId): string {
  if (typeof id === "string" || id === null) return JSON.stringify(id);
  return String(id);
}

interface MethodText {
  readonly alone: string;
  readonly beforeParams: string;
  /** All that stands before the params of a notification. */
  readonly ofNotification: string;
}

/** Writes the member `method`; the texts of known names are kept. */
function createMethodWriter(): (method: string) => MethodText {
  const written = new Map<string, MethodText>();
  return (method) => {
    const known = written.get(method);
    if (known !== undefined) return known;
    const alone = `,"method":${JSON.stringify(method)}`;
    const beforeParams = inOnePiece(`${alone},"params":`);
    const text = { alone, beforeParams, ofNotification: inOnePiece(JSON_RPC + beforeParams) };
    if (written.size < MAX_KNOWN_METHODS) written.set(method, text);
    return text;
  };
}

/** V8 keeps a joined text as a tree of its parts, and walks it for each message with it, until somebody looks into it. */
function inOnePiece(text: string): string {
  text.charCodeAt(0);
  return text;
}

const HEAD =
  /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*(?:"id"\s*:\s*(0|[1-9]\d{0,14}|"[^"\\\p{Cc}\uFFFD]*"|null)\s*,\s*)?"(method|result|error)"/u;

/** Understands the member order that nearly every sender uses; guessing beyond it could blame the wrong request. */
function peekJsonText(head: Uint8Array): MessageHead | undefined {
  const match = HEAD.exec(new TextDecoder().decode(head.subarray(0, HEAD_BYTES)));
  if (match === null) return undefined;
  const isAnswer = match[2] !== "method";
  const id = match[1] === undefined ? undefined : (JSON.parse(match[1]) as RequestId);
  return isAnswer && id === undefined ? undefined : { id, isAnswer };
}
