import { RpcError, type ChannelError } from "@procwire/transport";
import { failureIn, asAnswer } from "../wire/failures.js";

/** A job as it is kept. */
export interface JobRecord {
  readonly id: string;
  readonly method: string;
  readonly params?: object | undefined;
}

/** The one outcome of a job, as it is kept. */
export type OutcomeRecord =
  | { readonly id: string; readonly method: string; readonly result: unknown }
  | { readonly id: string; readonly method: string; readonly error: ErrorRecord; readonly isCancelled?: boolean };

export interface ErrorRecord {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export function errorRecord(error: RpcError | ChannelError): ErrorRecord {
  const { code, message, data } = error instanceof RpcError ? error : asAnswer(error);
  return data === undefined ? { code, message } : { code, message, data };
}

/** What a caller gets: a `ChannelError` where the way to the method failed, else an `RpcError`. */
export function errorOf({ code, message, data }: ErrorRecord, method: string): Error {
  return failureIn(message, data, method) ?? new RpcError(code, message, { data, method });
}

/** `undefined` for what is none: the stream is open to whoever may publish there. */
export function readJob(text: string): JobRecord | undefined {
  const { id, method, params } = readObject(text);
  if (typeof id !== "string" || typeof method !== "string") return undefined;
  if (params !== undefined && (typeof params !== "object" || params === null)) return undefined;
  return { id, method, params };
}

export function readOutcome(text: string): OutcomeRecord | undefined {
  const { id, method, error, isCancelled, ...rest } = readObject(text);
  if (typeof id !== "string" || typeof method !== "string") return undefined;
  if (error === undefined) return "result" in rest ? { id, method, result: rest["result"] } : undefined;
  const { code, message, data } = error as Partial<ErrorRecord>;
  if (typeof code !== "number" || typeof message !== "string") return undefined;
  return { id, method, error: { code, message, data }, isCancelled: isCancelled === true };
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
