/** The headers of docs/nats.md. Plain requests have none. */
export const Header = {
  /** When nobody waits any more, in milliseconds since 1970, and how long the caller was ready to wait. */
  deadline: "Procwire-Deadline",
  /** So many items of a streamed answer may be sent. */
  credit: "Procwire-Credit",
  /** A stream of inputs goes with the request. */
  input: "Procwire-Input",
  /** The caller wants to hear of progress. */
  progress: "Procwire-Progress",
  idempotent: "Procwire-Idempotent",
  key: "Procwire-Key",
  priority: "Procwire-Priority",
  /** The body comes in parts: the transfer's name, and the bytes of all. */
  large: "Procwire-Large",
  /** A part of a body: the transfer's name, its place from 0, how many there are, and the bytes of all. */
  part: "Procwire-Part",
} as const;

/** What an error answer has as a member of its data when it is no answer of the method, but a failure on the way to it. */
export const CHANNEL_ERROR = "$procwire";
