import { isJsonTextCodec, type Codec } from "../codec/contract.js";
import type { Dialect } from "../dialects/contract.js";
import { jsonRpc } from "../dialects/json-rpc.js";
import { DEFAULT_LIMITS } from "../limits.js";
import { toBytes } from "../framing/payload.js";
import type { Message, MessageHead, Protocol, Wire } from "./contract.js";
import {
  errorMessage,
  isRequestId,
  isStructured,
  notStructured,
  parseBatch,
  parseMessage,
} from "./json-rpc-message.js";
import { createJsonTextWire } from "./json-rpc-text.js";

/** JSON-RPC 2.0, over any codec that can express maps. */
export class JsonRpcProtocol implements Protocol {
  readonly name = "json-rpc";

  bind(codec: Codec, maxBatchSize: number = DEFAULT_LIMITS.maxBatchSize, dialect: Dialect = jsonRpc): Wire {
    const maxSize = dialect.hasBatches ? maxBatchSize : 0;
    return isJsonTextCodec(codec) ? createJsonTextWire(codec, maxSize, dialect) : createValueWire(codec, maxSize);
  }
}

/** Builds each message as a value and has the codec encode it. */
function createValueWire(codec: Codec, maxBatchSize: number): Wire {
  const parse = (value: unknown): Message =>
    Array.isArray(value) ? parseBatch(value, maxBatchSize) : parseMessage(value);
  return {
    request: (id, method, params) => codec.encode(withParams({ jsonrpc: "2.0", id, method }, params)),
    notification: (method, params) => codec.encode(withParams({ jsonrpc: "2.0", method }, params)),
    control: (method, params) => codec.encode({ jsonrpc: "2.0", method, params }),
    result: (id, result) => codec.encode({ jsonrpc: "2.0", id, result: result === undefined ? null : result }),
    error: (id, error) => codec.encode(errorMessage(id, error)),
    // Batches are rare, and a codec knows no way to put encoded values together: they are read back.
    join: (payloads) => codec.encode(payloads.map(toBytes).map((bytes) => codec.decode(bytes, 0, bytes.length))),
    decode: (bytes, start, end) => parse(codec.decode(bytes, start, end)),
    peek: (head) => headOf(codec.peek?.(head)),
    salvage: (frame) => [new TextDecoder().decode(frame)],
  };
}

function headOf(members: ReadonlyMap<string, unknown> | undefined): MessageHead | undefined {
  const id = members?.get("id");
  const knownId = isRequestId(id) ? id : undefined;
  if (members?.has("method") === true) return { id: knownId, isAnswer: false };
  const isAnswer = members?.has("result") === true || members?.has("error") === true;
  // Without a result it may well have been about to name its method.
  return isAnswer || knownId !== undefined ? { id: knownId, isAnswer: isAnswer || undefined } : undefined;
}

function withParams(message: Record<string, unknown>, params: unknown): Record<string, unknown> {
  if (params === undefined) return message;
  if (!isStructured(params)) throw notStructured();
  message["params"] = params;
  return message;
}
