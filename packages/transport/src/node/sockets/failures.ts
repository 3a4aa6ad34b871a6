import { ChannelError, reasonOf } from "../../errors.js";

/** Whatever keeps a connection from being made, or a service from listening: nothing was sent. */
export function connectError(message: string, cause?: unknown): ChannelError {
  return new ChannelError("CONNECT_FAILED", message, { cause, delivery: "not-sent" });
}

/** The system's code of an error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** What the system says, with a word on what to do where that is known. */
export function explain(error: unknown): string {
  const code = codeOf(error);
  const advice = code === undefined ? undefined : ADVICE[code];
  return advice === undefined ? `${reasonOf(error)}.` : `${advice} (${code}).`;
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket. Is the service running, and is this its path",
  ECONNREFUSED: "nothing is listening there. Start the service",
  EACCES: "this user has no permission for it",
  EPERM: "this user has no permission for it",
  ENOTSOCK: "a file that is not a socket is there",
  EADDRINUSE: "the address is in use. Choose another one, or end whoever uses it",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no host of that name",
  ETIMEDOUT: "the host does not answer",
  EHOSTUNREACH: "the host can't be reached",
  ENETUNREACH: "the host can't be reached",
  EMFILE: "too many files are open. Close some, or raise the limit (ulimit -n)",
  ENFILE: "too many files are open. Close some, or raise the limit",
  ECONNRESET: "the other side closed the connection",
  EPIPE: "the other side closed the connection",
};

const lasting = new WeakSet();

/** A failure that another attempt would only repeat. */
export function lastingError(message: string, cause?: unknown): ChannelError {
  const error = connectError(message, cause);
  lasting.add(error);
  return error;
}

/** Whether another attempt may do better. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ChannelError && lasting.has(error));
}
