import type { JsonTextCodec } from "../codec/contract.js";
import { AlteredNumberError, type IsLeft } from "../codec/json-numbers.js";
import type { Payload } from "../framing/contract.js";
import { piecesOf } from "../framing/payload.js";
import { ExactId, type Message, type MessageHead, type RequestId, type SingleMessage, type Wire } from "./contract.js";
import { readPlainAnswer } from "./fast/json-answer.js";
import { isIdOfRequest, paramsAbout, withExactParams } from "./json-exact-id.js";
import {
  errorFields,
  isIgnored,
  notStructured,
  parseBatch,
  parseMessage,
  undecodable,
  withoutIgnored,
} from "./json-rpc-message.js";
import { salvage } from "./json-salvage.js";
import { rawElements, rawMember } from "./json-scan.js";

const OBJECT_OPENING = 0x7b;
const ARRAY_OPENING = 0x5b;
const COMMA = 0x2c;
/** So much of a message is looked at to tell whose it is. */
const HEAD_BYTES = 1024;
/** Method names are few; a peer that invents new ones for ever must not fill the memory. */
const MAX_KNOWN_METHODS = 1024;
/** What nearly every sender writes in front of the id. */
const ID_PREFIX = '{"jsonrpc":"2.0","id":';
const JSON_RPC = '{"jsonrpc":"2.0"';

/**
 * Writes the envelope as text around what the codec made of the parameters: the same bytes as encoding the whole
 * message, at about a third of the time for a small one.
 */
export function createJsonTextWire(codec: JsonTextCodec, maxBatchSize: number): Wire {
  const methodText = createMethodWriter();
  const decodeText = (text: string): Message => readMessage(codec, text, maxBatchSize);
  return {
    request: (id, method, params) => call(ID_PREFIX + String(id) + methodText(method), paramsOf(codec, params)),
    notification: (method, params) => call(JSON_RPC + methodText(method), paramsOf(codec, params)),
    control: (method, params) => call(JSON_RPC + methodText(method), paramsAbout(codec, params)),
    result: (id, result) =>
      wrap(`${ID_PREFIX}${idText(id)},"result":`, result === undefined ? "null" : codec.encode(result)),
    error: (id, error) => wrap(`${ID_PREFIX}${idText(id)},"error":`, codec.encode(errorFields(error))),
    join: (payloads: readonly Payload[]) => {
      if (payloads.every((payload) => typeof payload === "string")) return `[${payloads.join(",")}]`;
      return [...payloads.flatMap((payload, at) => [at === 0 ? "[" : ",", ...piecesOf(payload)]), "]"];
    },
    decode: (bytes, start, end) =>
      readPlainAnswer(codec, bytes, start, end) ?? decodeText(codec.text(bytes, start, end)),
    peek: peekJsonText,
    salvage: (frame) =>
      salvage(frame, (piece) => messageOf(piece, (bytes) => decodeText(codec.text(bytes, 0, bytes.length)))),
  };
}

function readMessage(codec: JsonTextCodec, text: string, maxBatchSize: number): Message {
  let value: unknown;
  try {
    value = codec.parse(text, isIdOfRequest);
  } catch (error) {
    if (!(error instanceof AlteredNumberError)) throw error;
    if (!Array.isArray(error.whole)) return readSingle(codec, text);
    const batch = parseBatch(error.whole, maxBatchSize);
    // One of them holds such a number; the others are none the worse for it.
    const messages = (): SingleMessage[] => rawElements(text).map((element) => readSingle(codec, element));
    return batch.kind === "batch" ? { kind: "batch", messages: messages() } : batch;
  }
  return Array.isArray(value)
    ? withExactIds(parseBatch(value, maxBatchSize), text)
    : withExactId(parseMessage(value), text);
}

function readSingle(codec: JsonTextCodec, text: string): SingleMessage {
  try {
    return withExactId(parseMessage(codec.parse(text, isIdOfRequest)), text);
  } catch (error) {
    if (!(error instanceof AlteredNumberError)) throw error;
    if (isIgnored(error.place, error.whole)) return readWithoutIgnored(codec, text);
    return undecodable(withExactId(parseMessage(error.whole), text), error);
  }
}

/** Members that have no meaning are left out: they hold a number that would be altered. */
function readWithoutIgnored(codec: JsonTextCodec, text: string): SingleMessage {
  const isLeft: IsLeft = (found, whole) => isIdOfRequest(found, whole) || isIgnored(found.place(), whole);
  try {
    return withExactId(parseMessage(withoutIgnored(codec.parse(text, isLeft))), text);
  } catch (error) {
    if (!(error instanceof AlteredNumberError)) throw error;
    return undecodable(withExactId(parseMessage(error.whole), text), error);
  }
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
function call(head: string, params: Payload | undefined): Payload {
  return params === undefined ? head + "}" : wrap(`${head},"params":`, params);
}

function paramsOf(codec: JsonTextCodec, params: unknown): Payload | undefined {
  if (params === undefined) return undefined;
  const payload = codec.stringify(params);
  if (payload === undefined || !isStructured(payload)) throw notStructured();
  return payload;
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

/** Replaces a numeric id that the parser has altered by its text: an id is echoed as it came. */
function withExactId(message: SingleMessage, text: string): SingleMessage {
  if (message.kind === "notification") return withExactParams(message, text);
  if (message.kind !== "request" && message.kind !== "invalid") return message;
  if (typeof message.id !== "number" || isPlainId(text, message.id)) return message;
  const raw = rawMember(text, "id");
  return raw === undefined || raw === String(message.id) ? message : { ...message, id: new ExactId(raw) };
}

/** The common case, told by comparing a few characters. */
function isPlainId(text: string, id: number): boolean {
  if (!text.startsWith(ID_PREFIX)) return false;
  const digits = String(id);
  return text.startsWith(digits, ID_PREFIX.length) && text.charCodeAt(ID_PREFIX.length + digits.length) === COMMA;
}

function withExactIds(message: Message, text: string): Message {
  if (message.kind !== "batch") return message;
  const texts = rawElements(text);
  const messages = message.messages.map((single, at): SingleMessage => withExactId(single, texts[at] ?? ""));
  return { kind: "batch", messages };
}

/** Writes the member `method`; the texts of known names are kept. */
function createMethodWriter(): (method: string) => string {
  const written = new Map<string, string>();
  return (method) => {
    const known = written.get(method);
    if (known !== undefined) return known;
    const text = `,"method":${JSON.stringify(method)}`;
    if (written.size < MAX_KNOWN_METHODS) written.set(method, text);
    return text;
  };
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
