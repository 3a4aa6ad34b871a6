/** The error codes that JSON-RPC 2.0, the Language Server Protocol and docs/protocol.md define, by name. */
export const JsonRpcErrorCode: {
  /** The frame holds no value. */
  readonly parseError: -32700;
  /** The value is no message. */
  readonly invalidRequest: -32600;
  readonly methodNotFound: -32601;
  readonly invalidParams: -32602;
  /** The handler failed without choosing a code. */
  readonly internalError: -32603;
  /** The worker's queue is full; nothing was executed. */
  readonly busy: -32000;
  /** The worker limits the time of this method, and it was up. */
  readonly deadlineExceeded: -32001;
  /** The request was cancelled by `$/cancelRequest`. */
  readonly requestCancelled: -32800;
} = Object.freeze({
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  busy: -32000,
  deadlineExceeded: -32001,
  requestCancelled: -32800,
});
