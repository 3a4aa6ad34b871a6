/** `"ENCODE_FAILED"`: a value can't be sent. `"MESSAGE_MALFORMED"`: what arrived is no value. */
export type MessagePackErrorCode = "ENCODE_FAILED" | "MESSAGE_MALFORMED";

/**
 * A value that MessagePack can't carry unchanged, or bytes that are no value. A channel reports it as the `cause` of a
 * `ChannelError` with the same code.
 */
export class MessagePackError extends Error {
  override readonly name: string = "MessagePackError";
  readonly code: MessagePackErrorCode;

  constructor(code: MessagePackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Bytes that are no value, with the reason. */
export function malformed(reason: string, options?: ErrorOptions): MessagePackError {
  return new MessagePackError("MESSAGE_MALFORMED", `not readable as MessagePack: ${reason}`, options);
}

/** Thrown while encoding; the codec turns it into a `MessagePackError` that says where the value stands. */
export class Refusal extends Error {
  /** The value that can't be sent, or the object that has it as a key. */
  readonly offender: unknown;

  constructor(offender: unknown, reason: string) {
    super(reason);
    this.offender = offender;
  }
}
