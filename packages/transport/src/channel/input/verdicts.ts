import type { InvalidMessage, Message } from "../../protocol/contract.js";
import type { Outgoing } from "../outgoing/outgoing.js";
import { keyOf } from "../records/id-key.js";

/** A value that does not claim to be a message, or an array of such: a print that happens to be JSON. */
export function isStray(message: Message): boolean {
  return message.kind === "batch" ? message.messages.every(isStray) : message.kind === "invalid" && message.isStray;
}

/**
 * Decides about an id and nothing else: it is the answer to a request that waits, or a call that has lost its method.
 *
 * @param serves false where nobody serves: only answers come there
 */
export function judged(message: InvalidMessage, serves: boolean, outgoing: Outgoing): InvalidMessage {
  const { id, isAnswer } = message;
  if (isAnswer !== "if awaited") return message;
  return { ...message, isAnswer: !serves || (id !== undefined && outgoing.peek(keyOf(id)) !== undefined) };
}
