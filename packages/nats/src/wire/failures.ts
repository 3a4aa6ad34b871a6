import { ChannelError, JsonRpcErrorCode, RpcError, type ChannelErrorCode, type Delivery } from "@procwire/transport";
import { CHANNEL_ERROR } from "./words.js";

/** A `ChannelError` as it travels: as the data of an error answer that others understand as well. */
interface Travelling {
  readonly code: ChannelErrorCode;
  readonly delivery: Delivery | undefined;
  readonly exitCode: number | null | undefined;
  readonly signal: string | null | undefined;
  readonly retryAfterMs: number | undefined;
}

/** The JSON-RPC codes that say about the same. */
const CODES: Partial<Record<ChannelErrorCode, number>> = {
  OVERLOADED: JsonRpcErrorCode.busy,
  CIRCUIT_OPEN: JsonRpcErrorCode.busy,
  TIMEOUT: JsonRpcErrorCode.deadlineExceeded,
  CANCELLED: JsonRpcErrorCode.requestCancelled,
};
const KNOWN: ReadonlySet<unknown> = new Set<ChannelErrorCode>([
  ...(["SPAWN_FAILED", "WORKER_EXITED", "CHANNEL_CLOSED", "TIMEOUT", "CANCELLED", "OVERLOADED"] as const),
  ...(["MESSAGE_TOO_LARGE", "FRAME_MALFORMED", "MESSAGE_MALFORMED", "DECODE_FAILED", "ENCODE_FAILED"] as const),
  ...(["CONNECT_FAILED", "RESTARTS_EXHAUSTED", "QUARANTINED", "CIRCUIT_OPEN"] as const),
]);

/** What the caller is answered with when the member's own channel has failed. stderr stays where it is. */
export function asAnswer(error: ChannelError): RpcError {
  const { code, delivery, exitCode, signal, retryAfterMs } = error;
  const travelling: Travelling = { code, delivery, exitCode, signal, retryAfterMs };
  const present = Object.fromEntries(Object.entries(travelling).filter(([, value]) => value !== undefined));
  const data = { [CHANNEL_ERROR]: present };
  return new RpcError(CODES[code] ?? JsonRpcErrorCode.internalError, error.message, { data });
}

/** The `ChannelError` behind an error answer; `undefined` when it is an answer of the method. */
export function failureIn(message: string, data: unknown, method: string): ChannelError | undefined {
  const sent = membersOf(membersOf(data)?.[CHANNEL_ERROR]);
  if (sent === undefined || !KNOWN.has(sent["code"])) return undefined;
  const { exitCode, signal, retryAfterMs } = sent;
  return new ChannelError(sent["code"] as ChannelErrorCode, message, {
    method,
    delivery: sent["delivery"] === "not-sent" ? "not-sent" : "unknown",
    exitCode: typeof exitCode === "number" || exitCode === null ? exitCode : undefined,
    signal: typeof signal === "string" || signal === null ? signal : undefined,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
  });
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
