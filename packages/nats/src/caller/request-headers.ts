import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { Header } from "../wire/words.js";
import type { Aside } from "./asides.js";

/** What was said about a request before it was sent. */
interface Announcement {
  readonly id: number;
  /** Items that may be sent. */
  credit: number;
  hasInput: boolean;
}

/** What a channel says of a request before it goes with the request: it must come to the same member. */
export class Announcements {
  #last: Announcement | undefined;

  say(control: string | undefined, id: unknown, count: unknown): void {
    if (typeof id !== "number") return;
    const last = this.#last?.id === id ? this.#last : { id, credit: 0, hasInput: false };
    if (control === "stream-pull") last.credit += Number(count);
    if (control === "input-open") last.hasInput = true;
    this.#last = last;
  }

  /** Those of the request that is sent now: nothing comes between. */
  of(id: number): Announcement | undefined {
    return this.#last?.id === id ? this.#last : undefined;
  }
}

/** The headers of a request; `undefined` for one that needs none. */
export function headersOf(
  aside: Aside | undefined,
  announced: Announcement | undefined,
  large: { readonly name: string; readonly data: Uint8Array } | undefined,
): MsgHdrs | undefined {
  const wanted = new Map<string, string>();
  if (aside?.deadline) wanted.set(Header.deadline, `${aside.deadline} ${aside.timeout ?? 0}`);
  if (aside?.wantsProgress === true) wanted.set(Header.progress, "1");
  if (aside?.isIdempotent === true) wanted.set(Header.idempotent, "1");
  if (aside?.key !== undefined) wanted.set(Header.key, encodeURIComponent(aside.key));
  if (aside?.priority !== undefined) wanted.set(Header.priority, String(aside.priority));
  if (announced !== undefined && announced.credit > 0) wanted.set(Header.credit, String(announced.credit));
  if (announced?.hasInput === true) wanted.set(Header.input, "1");
  if (large !== undefined) wanted.set(Header.large, `${large.name} ${large.data.length}`);
  if (wanted.size === 0) return undefined;
  const head = headers();
  for (const [name, value] of wanted) head.set(name, value);
  return head;
}
