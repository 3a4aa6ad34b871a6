import { ChannelError, reasonOf, type Delivery } from "../../errors.js";
import { JsonRefusal } from "../../codec/json-faithful.js";
import type { Silence } from "./silence.js";

/** What a request is told when the channel ended: the channel's reason, with the request's own name on it. */
export function endedRequestError(cause: ChannelError, method: string, delivery: Delivery): ChannelError {
  const advice =
    delivery === "not-sent"
      ? "The request was not sent; open a new channel and send it there."
      : "The request may already have run; send it again only if that does no harm.";
  return new ChannelError(cause.code, `${method}: ${cause.message} ${advice}`, {
    cause,
    method,
    delivery,
    exitCode: cause.exitCode,
    signal: cause.signal,
    stderr: cause.stderr,
    history: cause.history,
  });
}

/** A request that was in flight when workers died. */
export function quarantinedError(method: string, cause: ChannelError): ChannelError {
  const { exitCode, signal, stderr } = cause;
  const text = `${method}: two workers have died while they worked on this request, so it is not sent to a third.`;
  const advice = "It has run at least in part; look at what it asks for.";
  const details = { cause, method, delivery: "unknown", exitCode, signal, stderr } as const;
  return new ChannelError("QUARANTINED", `${text} ${advice} The last time: ${cause.message}`, details);
}

/** Of what was never heard as a worker the end says that: it may have failed to start, or speak another language. */
export function explainEnd(cause: ChannelError, silence: Silence): ChannelError {
  const explanation = silence.explain();
  if (explanation === undefined || (cause.code !== "WORKER_EXITED" && cause.code !== "FRAME_MALFORMED")) return cause;
  const { exitCode, signal, stderr } = cause;
  const details = { exitCode, signal, stderr };
  const text = `${cause.message} ${explanation}`;
  return new ChannelError(cause.code, text, "cause" in cause ? { ...details, cause: cause.cause } : details);
}

/** @param explanation why there may be none; `undefined` where nothing is known of that */
export function timeoutError(method: string, timeout: number, delivery: Delivery, explanation?: string): ChannelError {
  const why = explanation === undefined ? "" : `${explanation} `;
  const fate = delivery === "unknown" ? "The request may already have run. " : "";
  const advice = "Raise the timeout if the work can take longer.";
  const text = `${method}: no answer within ${timeout} ms. ${why}${fate}${advice}`;
  return new ChannelError("TIMEOUT", text, { method, delivery });
}

export function overloadedError(method: string, limit: string): ChannelError {
  return new ChannelError("OVERLOADED", `${method}: ${limit} is reached. Await answers before sending more.`, {
    method,
    delivery: "not-sent",
  });
}

export function tooLargeError(method: string, maxBytes: number): ChannelError {
  return new ChannelError(
    "MESSAGE_TOO_LARGE",
    `${method}: the message is larger than limits.maxMessageBytes (${maxBytes}). Raise it on both sides, or send less.`,
    { method, delivery: "not-sent" },
  );
}

export function encodeError(method: string, given: unknown): ChannelError {
  const cause = isRefusal(given) ? given.inside("params") : given;
  return new ChannelError("ENCODE_FAILED", `${method}: ${reasonOf(cause)}`, { cause, method, delivery: "not-sent" });
}

function isRefusal(error: unknown): error is JsonRefusal {
  try {
    return error instanceof JsonRefusal;
  } catch {
    // A getter can have thrown anything, such as a proxy that can't be looked at.
    return false;
  }
}

/** What a request is answered with whose result can't be sent. */
export function resultError(error: unknown): unknown {
  return isRefusal(error) ? error.inside("result") : error;
}

/** What ends the channel because its input can't be read. */
export function asMalformed(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const text = `The input can't be read any further: ${reasonOf(error)}`;
  return new ChannelError("FRAME_MALFORMED", text, { cause: error });
}
