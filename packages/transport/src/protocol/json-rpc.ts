import { isJsonTextCodec, type Codec } from "../codec/contract.js";
import type { Protocol, Wire } from "./contract.js";
import { errorMessage, notStructured, parseMessage } from "./json-rpc-message.js";
import { createJsonTextWire } from "./json-rpc-text.js";

/** JSON-RPC 2.0, over any codec that can express maps. */
export class JsonRpcProtocol implements Protocol {
  readonly name = "json-rpc";

  bind(codec: Codec): Wire {
    return isJsonTextCodec(codec) ? createJsonTextWire(codec) : createValueWire(codec);
  }
}

/** Builds each message as a value and has the codec encode it. */
function createValueWire(codec: Codec): Wire {
  return {
    request: (id, method, params) => codec.encode(withParams({ jsonrpc: "2.0", id, method }, params)),
    notification: (method, params) => codec.encode(withParams({ jsonrpc: "2.0", method }, params)),
    result: (id, result) => codec.encode({ jsonrpc: "2.0", id, result: result === undefined ? null : result }),
    error: (id, error) => codec.encode(errorMessage(id, error)),
    decode: (bytes, start, end) => parseMessage(codec.decode(bytes, start, end)),
    peek: () => undefined,
  };
}

function withParams(message: Record<string, unknown>, params: unknown): Record<string, unknown> {
  if (params === undefined) return message;
  if (typeof params !== "object" || params === null) throw notStructured();
  message["params"] = params;
  return message;
}
