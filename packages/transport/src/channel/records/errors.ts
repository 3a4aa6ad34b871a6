import { ChannelError, reasonOf, type Delivery } from "../../errors.js";
import type { Heard } from "./counters.js";

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

/** Of a worker that was never heard as one, the exit says that: it may have failed to start, or be no worker at all. */
export function explainExit(cause: ChannelError, before: Heard, now: Heard): ChannelError {
  if (cause.code !== "WORKER_EXITED" || now.messages > before.messages) return cause;
  const what =
    now.bytes === before.bytes
      ? "It had not said anything."
      : "Nothing that it said was a message: is it a worker, and does it use this framing?";
  const { exitCode, signal, stderr } = cause;
  return new ChannelError(cause.code, `${cause.message} ${what}`, { exitCode, signal, stderr });
}

export function timeoutError(method: string, timeout: number, delivery: Delivery): ChannelError {
  return new ChannelError(
    "TIMEOUT",
    `${method}: no answer within ${timeout} ms. Raise the timeout if the work can take longer.`,
    { method, delivery },
  );
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

export function encodeError(method: string, cause: unknown): ChannelError {
  return new ChannelError("ENCODE_FAILED", `${method}: ${reasonOf(cause)}`, { cause, method, delivery: "not-sent" });
}

/** What ends the channel because its input can't be read. */
export function asMalformed(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const text = `The input can't be read any further: ${reasonOf(error)}`;
  return new ChannelError("FRAME_MALFORMED", text, { cause: error });
}
