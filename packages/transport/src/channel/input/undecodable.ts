import { ChannelError, RpcError } from "../../errors.js";
import type {
  ErrorMessage,
  NotificationMessage,
  ResponseMessage,
  UndecodableMessage,
} from "../../protocol/contract.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import { idOf } from "./control.js";
import type { Routes } from "./routes.js";
import type { Reply } from "../incoming/replies.js";

/**
 * A message that says all that it has to, and holds a value that would arrive altered. Who waits for it is told: a
 * request is answered with an error, an answer rejects its request, items end their stream. The rest is reported.
 */
export function receiveUndecodable({ message, reason }: UndecodableMessage, reply: Reply, routes: Routes): void {
  if (message.kind === "response" || message.kind === "error") {
    rejectRequest(message, reason, routes);
    return;
  }
  routes.counters.malformed += 1;
  if (message.kind === "request") {
    reply.error(message.id, { code: JsonRpcErrorCode.invalidParams, message: `Invalid params: ${reason}` });
  } else if (endStream(message, reason, routes)) return;
  routes.onError(
    new ChannelError("DECODE_FAILED", `${message.method} can't be delivered: ${reason}`, { method: message.method }),
  );
}

function rejectRequest(message: ResponseMessage | ErrorMessage, reason: string, { outgoing, counters }: Routes): void {
  const request = outgoing.take(message.id);
  if (request === undefined) {
    counters.answersIgnored += 1;
    return;
  }
  counters.malformed += 1;
  const { method } = request;
  const details = { method, delivery: "unknown" } as const;
  if (message.kind === "response") {
    outgoing.fail(
      request,
      new ChannelError("DECODE_FAILED", `${method}: the result can't be read: ${reason}`, details),
    );
    return;
  }
  const cause = new RpcError(message.error.code, message.error.message, { method });
  const text = `${method}: the other side answered "${cause.message}", and the error can't be read: ${reason}`;
  outgoing.fail(request, new ChannelError("DECODE_FAILED", text, { ...details, cause }));
}

/** A stream without some of its items would be altered, too. False when the notification brings no items. */
function endStream(
  { method, params }: NotificationMessage,
  reason: string,
  { outgoing, incoming, controls }: Routes,
): boolean {
  const control = controls.get(method);
  if (control !== "stream-items" && control !== "input-items") return false;
  const id = idOf((params as { readonly id?: unknown }).id);
  if (id === undefined) return false;
  const errorOf = (name: string): ChannelError =>
    new ChannelError("DECODE_FAILED", `${name}: an item can't be read: ${reason}`, {
      method: name,
      delivery: "unknown",
    });
  if (control === "input-items") return incoming.inputFailed(id, errorOf);
  const request = outgoing.peek(id);
  if (request?.extra?.items === undefined) return false;
  outgoing.abandon(request.id, errorOf(request.method));
  return true;
}
