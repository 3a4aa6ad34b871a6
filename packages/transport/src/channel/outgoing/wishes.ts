import type { Dialect, Wishes } from "../../dialects/contract.js";
import { ChannelError } from "../../errors.js";
import type { RequestExtra } from "./pending.js";

/** What a request asks for beside its answer; `undefined` for nothing. */
export function wishesOf(extra: RequestExtra | undefined): Wishes | undefined {
  if (extra === undefined) return undefined;
  const wishes = { progress: extra.onProgress !== undefined, items: extra.items !== undefined };
  return wishes.progress || wishes.items ? wishes : undefined;
}

/** Throws `ENCODE_FAILED` for what the dialect has no way to say. */
export function assertSayable({ name, controls, itemsToken }: Dialect, method: string, extra: RequestExtra): void {
  if (extra.items !== undefined && controls["stream-pull"] === undefined && itemsToken === undefined) {
    throw unsayable(name, method, "streams", "Use channel.request().");
  }
  if (extra.input !== undefined && controls["input-open"] === undefined) {
    throw unsayable(
      name,
      method,
      "inputs that go with a request",
      "Leave the option input out, and send them in params.",
    );
  }
}

/** The same for batches. */
export function assertBatches({ name, hasBatches }: Dialect): void {
  if (!hasBatches) throw unsayable(name, "batch", "batches", "Use channel.request() for each call.");
}

function unsayable(dialect: string, method: string, what: string, advice: string): ChannelError {
  return new ChannelError("ENCODE_FAILED", `${method}: the dialect ${dialect} has no ${what}. ${advice}`, {
    method,
    delivery: "not-sent",
  });
}
