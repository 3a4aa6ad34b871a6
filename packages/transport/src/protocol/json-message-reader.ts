import type { JsonTextCodec } from "../codec/contract.js";
import { AlteredNumberError, type IsLeft } from "../codec/json-numbers.js";
import type { Dialect } from "../dialects/contract.js";
import { ExactId, type Message, type SingleMessage } from "./contract.js";
import { idOfRequestIn, withExactParams } from "./json-exact-id.js";
import { isIgnored, parseBatch, parseMessage, undecodable, withoutIgnored } from "./json-rpc-message.js";
import { rawElements, rawMember } from "./json-scan.js";

/** What nearly every sender writes in front of the id. */
export const ID_PREFIX = '{"jsonrpc":"2.0","id":';
const COMMA = 0x2c;

/** Text to message: ids are kept as they were written, and a number that would arrive altered is told from the rest. */
export class JsonMessageReader {
  readonly #codec: JsonTextCodec;
  readonly #maxBatchSize: number;
  readonly #dialect: Dialect;
  readonly #isIdOfRequest: IsLeft;

  constructor(codec: JsonTextCodec, maxBatchSize: number, dialect: Dialect) {
    this.#codec = codec;
    this.#maxBatchSize = maxBatchSize;
    this.#dialect = dialect;
    this.#isIdOfRequest = idOfRequestIn(dialect);
  }

  read(text: string): Message {
    let value: unknown;
    try {
      value = this.#codec.parse(text, this.#isIdOfRequest);
    } catch (error) {
      if (!(error instanceof AlteredNumberError)) throw error;
      if (!Array.isArray(error.whole)) return this.#readSingle(text);
      const batch = parseBatch(error.whole, this.#maxBatchSize);
      // One of them holds such a number; the others are none the worse for it.
      const messages = (): SingleMessage[] => rawElements(text).map((element) => this.#readSingle(element));
      return batch.kind === "batch" ? { kind: "batch", messages: messages() } : batch;
    }
    return Array.isArray(value)
      ? this.#withExactIds(parseBatch(value, this.#maxBatchSize), text)
      : this.#withExactId(parseMessage(value), text);
  }

  #readSingle(text: string): SingleMessage {
    try {
      return this.#withExactId(parseMessage(this.#codec.parse(text, this.#isIdOfRequest)), text);
    } catch (error) {
      if (!(error instanceof AlteredNumberError)) throw error;
      if (isIgnored(error.place, error.whole)) return this.#readWithoutIgnored(text);
      return undecodable(this.#withExactId(parseMessage(error.whole), text), error);
    }
  }

  /** Members that have no meaning are left out: they hold a number that would be altered. */
  #readWithoutIgnored(text: string): SingleMessage {
    const isLeft: IsLeft = (found, whole) => this.#isIdOfRequest(found, whole) || isIgnored(found.place(), whole);
    try {
      return this.#withExactId(parseMessage(withoutIgnored(this.#codec.parse(text, isLeft))), text);
    } catch (error) {
      if (!(error instanceof AlteredNumberError)) throw error;
      return undecodable(this.#withExactId(parseMessage(error.whole), text), error);
    }
  }

  /** Replaces a numeric id that the parser has altered by its text: an id is echoed as it came. */
  #withExactId(message: SingleMessage, text: string): SingleMessage {
    if (message.kind === "notification") return withExactParams(message, text, this.#dialect);
    if (message.kind !== "request" && message.kind !== "invalid") return message;
    if (typeof message.id !== "number" || isPlainId(text, message.id)) return message;
    const raw = rawMember(text, "id");
    return raw === undefined || raw === String(message.id) ? message : { ...message, id: new ExactId(raw) };
  }

  #withExactIds(message: Message, text: string): Message {
    if (message.kind !== "batch") return message;
    const texts = rawElements(text);
    const messages = message.messages.map((single, at): SingleMessage => this.#withExactId(single, texts[at] ?? ""));
    return { kind: "batch", messages };
  }
}

/** The common case, told by comparing a few characters. */
function isPlainId(text: string, id: number): boolean {
  if (!text.startsWith(ID_PREFIX)) return false;
  const digits = String(id);
  return text.startsWith(digits, ID_PREFIX.length) && text.charCodeAt(ID_PREFIX.length + digits.length) === COMMA;
}
