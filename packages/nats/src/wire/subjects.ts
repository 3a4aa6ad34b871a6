/** The subjects of docs/nats.md, which is normative. Nothing else spells them. */

/** Where everything of ours begins, unless the options say something else. */
export const DEFAULT_PREFIX = "rpc";
/** What a name is that needs no escapes inside of a subject. */
const PLAIN = /^[\w-]+$/;
const MAX_KNOWN = 1_000;

/** What is said to a member, or by it; the last token of its subject. */
export const Kind = {
  /** A frame. */
  frame: "f",
  /** A part of a frame that is too long for one message. */
  part: "p",
  /** So many parts have been taken. */
  credit: "c",
  /** Whether anybody is there. */
  ping: "k",
  /** By a member: that it has these requests. */
  accept: "a",
} as const;

export class Subjects {
  readonly #root: string;
  readonly #tokens = new Map<string, string>();

  constructor(prefix: string, service: string) {
    this.#root = `${prefix}.${service}`;
  }

  /** Requests and notifications for any one member; by the queue group. */
  call(method: string): string {
    return `${this.#root}.${this.#token(method)}`;
  }

  /** The same, for every member. */
  all(method: string): string {
    return `${this.#root}.$all.${this.#token(method)}`;
  }

  /** The same, for the member of this id. */
  to(member: string, method: string): string {
    return `${this.#root}.$to.${member}.${this.#token(method)}`;
  }

  /** What is said to a member about requests that it has. */
  member(id: string): string {
    return `${this.#root}.$member.${id}`;
  }

  /** Notifications of members. */
  event(method: string): string {
    return `${this.#root}.$events.${this.#token(method)}`;
  }

  /** All of a kind: `call("*")` would be a method of that name. */
  get anyCall(): string {
    return `${this.#root}.*`;
  }

  get anyToAll(): string {
    return `${this.#root}.$all.*`;
  }

  anyTo(member: string): string {
    return `${this.#root}.$to.${member}.*`;
  }

  get anyEvent(): string {
    return `${this.#root}.$events.*`;
  }

  #token(method: string): string {
    const known = this.#tokens.get(method);
    if (known !== undefined) return known;
    const token = tokenOf(method);
    if (this.#tokens.size < MAX_KNOWN) this.#tokens.set(method, token);
    return token;
  }
}

/** A method's name as one token of a subject: what NATS gives a meaning is percent-encoded. */
export function tokenOf(method: string): string {
  if (PLAIN.test(method)) return method;
  // An empty token is none; a percent sign alone stands for no character.
  if (method === "") return "%";
  const escaped = encodeURIComponent(method.replace(/\p{Surrogate}/gu, "\uFFFD"));
  return escaped.replace(/[.*!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The last token of a subject. */
export function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}

/** Where a caller is reached whose request has this reply subject, and the request's id; see `replyOf`. */
export function callerOf(reply: string): { readonly base: string; readonly id: number } | undefined {
  const at = reply.lastIndexOf(".");
  if (at < 2 || reply.slice(at - 2, at) !== ".r") return undefined;
  const id = Number(reply.slice(at + 1));
  return Number.isSafeInteger(id) ? { base: reply.slice(0, at - 2), id } : undefined;
}

/** The reply subject of a request: whoever answers by NATS's own means is understood, too. */
export function replyOf(base: string, id: number): string {
  return `${base}.r.${id}`;
}
