import { ChannelError } from "@procwire/transport";

const MAY_HAVE_RUN = "The request may already have run; send it again only if that does no harm.";

export function noMemberError(method: string, service: string): ChannelError {
  const text = `${method}: no member of the service ${JSON.stringify(service)} is there, so nothing was sent.`;
  const advice = "Start one (exposeOverNats), or look whether both use the same servers, prefix and account.";
  return new ChannelError("CONNECT_FAILED", `${text} ${advice}`, { method, delivery: "not-sent" });
}

export function deniedError(method: string, subject: string): ChannelError {
  const text = `${method}: the NATS server gives this user no permission to publish to ${subject}, so nothing was sent.`;
  const advice = "Ask whoever runs the server for it, or use another method.";
  return new ChannelError("CONNECT_FAILED", `${text} ${advice}`, { method, delivery: "not-sent" });
}

export function goneError(method: string, member: string): ChannelError {
  const text = `${method}: the member ${member}, which worked on it, is gone. ${MAY_HAVE_RUN}`;
  return new ChannelError("WORKER_EXITED", text, { method, delivery: "unknown" });
}

export function unclaimedError(method: string, claimMs: number): ChannelError {
  const text = `${method}: no member has said within ${claimMs} ms that it has the request. ${MAY_HAVE_RUN}`;
  return new ChannelError("WORKER_EXITED", text, { method, delivery: "unknown" });
}

export function disconnectedError(cause?: unknown): ChannelError {
  const text = "The connection to the NATS server was lost.";
  return new ChannelError("CONNECT_FAILED", text, cause === undefined ? {} : { cause });
}
