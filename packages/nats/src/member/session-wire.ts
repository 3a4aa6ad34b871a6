import type { InvalidMessage, Message, RequestId, SingleMessage, Wire } from "@procwire/transport";
import { tokenOf } from "../wire/subjects.js";

/** What the session's wire tells of, and asks. */
export interface SessionEars {
  /** The method that the subject named, as a token; `undefined` for what came to the member's own subject. */
  readonly expectedToken: string | undefined;
  /** A request has been let in. */
  admitted(id: RequestId, raw: unknown): void;
  /** It is answered. */
  answered(id: RequestId): void;
  /** Something is said about it that is no answer. */
  aboutToSay(id: RequestId): void;
}

/**
 * The wire of a session. Who may call which method is a matter of subjects, so a request or a notification counts only
 * under the subject of its method: inside of other messages it is refused.
 */
export function sessionWire(wire: Wire, isReserved: (method: string) => boolean, ears: SessionEars): Wire {
  return {
    ...wire,
    decode: (bytes, start, end) => {
      const message = wire.decode(bytes, start, end);
      const refused = refusal(message, ears.expectedToken, isReserved);
      if (refused !== undefined) return refused;
      const request = message.kind === "undecodable" ? message.message : message;
      if (request.kind === "request") ears.admitted(request.id, request.raw);
      return message;
    },
    control: (method, params) => {
      const id = params.id ?? params.token;
      if (id !== undefined) ears.aboutToSay(id);
      return wire.control(method, params);
    },
    result: (id, result) => {
      const payload = wire.result(id, result);
      ears.answered(id);
      return payload;
    },
    error: (id, error) => {
      const payload = wire.error(id, error);
      ears.answered(id);
      return payload;
    },
  };
}

function refusal(
  message: Message,
  expected: string | undefined,
  isReserved: (method: string) => boolean,
): InvalidMessage | undefined {
  if (message.kind === "batch") return invalid("a batch can't be sent over NATS; send its calls one by one", undefined);
  const inner: SingleMessage = message.kind === "undecodable" ? message.message : message;
  if (inner.kind !== "request" && inner.kind !== "notification") return undefined;
  const { kind, method } = inner;
  if (kind === "notification" && isReserved(method)) return undefined;
  if (expected !== undefined && tokenOf(method) === expected) return undefined;
  const reason = `the method ${JSON.stringify(method)} is not the one of the subject that it was sent to`;
  return invalid(reason, inner.kind === "request" ? inner.id : undefined);
}

function invalid(reason: string, id: RequestId | undefined): InvalidMessage {
  return { kind: "invalid", reason, id, isAnswer: false, isStray: false };
}
