import type { Codec } from "../codec/contract.js";
import type { Payload } from "../framing/contract.js";
import type { AboutRequest, ErrorObject, Message, Protocol, RequestId, SingleMessage, Wire } from "./contract.js";
import { JsonRpcErrorCode } from "./error-codes.js";
import { notStructured } from "./json-rpc-message.js";

type Fields = Readonly<Record<string, unknown>>;

/** Requests that were cancelled may never be answered: the oldest are forgotten. */
const MAX_OPEN = 65_536;
/** What the protocol says of a request that was cancelled. */
const CANCELLED = "cancelled";
const CANCEL = "cancel";
const NOBODY = -1;

/**
 * The Debug Adapter Protocol: every message has a number of its own, and an answer names the number and the command of its
 * request. So a wire has a state: it belongs to one channel.
 */
export class DapProtocol implements Protocol {
  readonly name = "dap";

  bind(codec: Codec): Wire {
    return new DapWire(codec);
  }
}

class DapWire implements Wire {
  readonly #codec: Codec;
  #seq = 0;
  /** The numbers of requests of this side, by their ids, and the other way round. */
  readonly #seqs = new Map<number, number>();
  readonly #ids = new Map<number, number>();
  /** The ids of requests of the other side that are not answered, by their numbers. */
  readonly #open = new Map<number, string>();

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  anew(): Wire {
    return new DapWire(this.#codec);
  }

  request(id: number, command: string, params: unknown): Payload {
    const payload = this.#encode("request", { command, ...argumentsOf(params) });
    this.#remember(id, this.#seq);
    return payload;
  }

  notification(event: string, params: unknown): Payload {
    return this.#encode("event", params === undefined ? { event } : { event, body: params });
  }

  control(command: string, { requestId }: AboutRequest): Payload {
    return this.#encode("request", { command, arguments: { requestId: this.#seqs.get(requestId as number) ?? 0 } });
  }

  result(id: RequestId, result: unknown): Payload {
    const body = result === undefined || result === null ? {} : { body: result };
    return this.#encode("response", { ...this.#close(id), success: true, ...body });
  }

  error(id: RequestId, { code, message, data }: ErrorObject): Payload {
    const error = data === undefined ? { id: code, format: message } : { id: code, format: message, data };
    const text = code === JsonRpcErrorCode.requestCancelled ? CANCELLED : message;
    return this.#encode("response", { ...this.#close(id), success: false, message: text, body: { error } });
  }

  /** There are no batches: this is the answer to a cancel, alone. */
  join(payloads: readonly Payload[]): Payload {
    const [only, ...others] = payloads;
    if (only === undefined || others.length > 0) throw new TypeError("The Debug Adapter Protocol has no batches");
    return only;
  }

  decode(bytes: Uint8Array, start: number, end: number): Message {
    const value = this.#codec.decode(bytes, start, end);
    if (typeof value !== "object" || value === null) return invalid("a message is an object", true);
    const fields = value as Fields;
    switch (fields["type"]) {
      case "request":
        return this.#readRequest(fields);
      case "response":
        return this.#readAnswer(fields);
      case "event":
        return typeof fields["event"] === "string"
          ? { kind: "notification", method: fields["event"], params: fields["body"], raw: fields }
          : invalid("event is not a string", false);
      default:
        return invalid("type is neither request, response nor event", fields["type"] === undefined);
    }
  }

  /** Members may come in any order, so the beginning of a message says nothing. */
  peek(): undefined {
    return undefined;
  }

  salvage(frame: Uint8Array): string[] {
    return [new TextDecoder().decode(frame)];
  }

  #encode(type: string, rest: Fields): Payload {
    this.#seq += 1;
    return this.#codec.encode({ seq: this.#seq, type, ...rest });
  }

  #remember(id: number, seq: number): void {
    this.#seqs.set(id, seq);
    this.#ids.set(seq, id);
    if (this.#ids.size > MAX_OPEN) for (const oldest of this.#ids.keys()) return void this.#forget(oldest);
  }

  #forget(seq: number): number {
    const id = this.#ids.get(seq) ?? NOBODY;
    this.#ids.delete(seq);
    this.#seqs.delete(id);
    return id;
  }

  /** A cancel is a request, and says something about another: both are told, as if they came together. */
  #readRequest(raw: Fields): Message {
    const { seq, command, arguments: params } = raw;
    if (!Number.isSafeInteger(seq)) return invalid("seq is not a whole number", false);
    if (typeof command !== "string") return invalid("command is not a string", false);
    // An answer names the command as well, so the id has to tell it.
    const id = `${seq as number}:${command}`;
    this.#open.set(seq as number, id);
    const request = { kind: "request", id, method: command, params, raw } as const;
    if (command !== CANCEL) return request;
    const requestId = this.#open.get(fieldsOf(params)["requestId"] as number);
    return {
      kind: "batch",
      messages: [{ kind: "notification", method: command, params: { requestId }, raw }, request],
    };
  }

  #close(id: RequestId): Fields {
    const [seq = "", ...command] = String(id).split(":");
    this.#open.delete(Number(seq));
    return { request_seq: Number(seq), command: command.join(":") };
  }

  #readAnswer(fields: Fields): SingleMessage {
    const { request_seq: seq, success, message, body } = fields;
    if (typeof seq !== "number") return invalid("request_seq is not a number", false, true);
    const id = this.#forget(seq);
    return success === true
      ? { kind: "response", id, result: body ?? null }
      : { kind: "error", id, error: errorOf(message, body) };
  }
}

function argumentsOf(params: unknown): Fields {
  if (params === undefined) return {};
  if (typeof params !== "object" || params === null) throw notStructured();
  return { arguments: params };
}

/** The variables of a text are strings, by the protocol. */
function filledIn(value: unknown, found: string): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : found;
}

/** The number of an error and its text are in a place of their own, where a program gives them. */
function errorOf(message: unknown, body: unknown): ErrorObject {
  const { error } = fieldsOf(body);
  const { id, format, variables } = fieldsOf(error);
  const text =
    typeof format === "string"
      ? format.replace(/\{(\w+)\}/g, (found, name: string) => filledIn(fieldsOf(variables)[name], found))
      : message;
  const isCancelled = message === CANCELLED;
  return {
    code: isCancelled
      ? JsonRpcErrorCode.requestCancelled
      : Number.isSafeInteger(id)
        ? (id as number)
        : JsonRpcErrorCode.internalError,
    message: typeof text === "string" ? text : "The error has no message",
    data: body,
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function invalid(reason: string, isStray: boolean, isAnswer = false): Message & { readonly kind: "invalid" } {
  return { kind: "invalid", reason, id: undefined, isAnswer, isStray };
}
