import { createHash, timingSafeEqual } from "node:crypto";

/** What the two sides of a connection say before the first message; see docs/connect.md. */

/** The longest line, its end included. */
export const MAX_LINE_BYTES = 4096;
/** Within which a line must be there. */
export const GREETING_MS = 5_000;
/** The beginning of every greeting. No message begins with its first byte, in any framing. */
const NAME = "procwire/";
const VERSION = 1;
const HELLO = `${NAME}${VERSION}`;
const QUESTION = `${HELLO}?`;

/** Names that mean the same everywhere: of two different ones, the sides don't understand each other. */
const FRAMINGS: ReadonlySet<string> = new Set(["line-delimited", "length-prefixed", "content-length"]);
const CODECS: ReadonlySet<string> = new Set(["json", "msgpack", "raw"]);

/** In what the messages are written. */
export interface Speech {
  readonly framing: string;
  readonly codec: string;
}

export type Refusal = "token" | "version" | "greeting" | "full" | "closing";

/** What a service says to a greeting. */
export type Answer =
  | ({ readonly ok: true; readonly pid: number | undefined } & Speech)
  | { readonly ok: false; readonly error: string; readonly pid: number | undefined };

/** How a service takes a line: as one of its clients, as the question who is there, or not at all. */
export type Verdict = "welcome" | "question" | Refusal;

export function greetingOf(token: string | undefined): string {
  return `${token === undefined ? HELLO : `${HELLO} ${token}`}\n`;
}

/** Asks who is there, and for nothing else. */
export const questionLine: string = `${QUESTION}\n`;

/** Whether a connection that begins so may be greeting. */
export function mayGreet(first: number): boolean {
  return first === NAME.charCodeAt(0);
}

/**
 * Judges the lines of clients.
 *
 * @param token what a client must know; `undefined` for nothing
 */
export function judgeOf(token: string | undefined): (line: Buffer) => Verdict {
  // Digests have one length, so the comparison tells nothing of the token, not even how long it is.
  const expected = token === undefined ? undefined : digest(Buffer.from(`${HELLO} ${token}`));
  return (line) => {
    if (expected !== undefined && timingSafeEqual(digest(line), expected)) return "welcome";
    const text = line.toString("latin1");
    if (text === QUESTION) return "question";
    const isGreeting = text === HELLO || text.startsWith(`${HELLO} `);
    if (isGreeting) return expected === undefined ? "welcome" : "token";
    return /^procwire\/\d/.test(text) ? "version" : "greeting";
  };
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

export function welcomeLine({ framing, codec }: Speech, pid: number | undefined): string {
  return `${JSON.stringify({ procwire: VERSION, ok: true, framing, codec, pid })}\n`;
}

export function refusalLine(error: Refusal, pid: number | undefined): string {
  return `${JSON.stringify({ procwire: VERSION, ok: false, error, pid })}\n`;
}

/** `undefined` for a line that is no answer to a greeting. */
export function readAnswer(line: Buffer): Answer | undefined {
  const { procwire, ok, framing, codec, error, pid } = parsed(line);
  if (procwire !== VERSION) return undefined;
  const known = Number.isSafeInteger(pid) && (pid as number) > 0 ? (pid as number) : undefined;
  if (ok === true) return { ok, framing: textOf(framing), codec: textOf(codec), pid: known };
  return ok === false ? { ok, error: textOf(error), pid: known } : undefined;
}

/** What two sides that can't understand each other say; `undefined` where they can, as far as their names tell. */
export function mismatch(own: Speech, theirs: Speech): string | undefined {
  const differs = areDifferent(own.framing, theirs.framing, FRAMINGS) || areDifferent(own.codec, theirs.codec, CODECS);
  if (!differs) return undefined;
  return `it speaks ${theirs.framing} ${theirs.codec}, and this side ${own.framing} ${own.codec}.`;
}

function areDifferent(own: string, theirs: string, known: ReadonlySet<string>): boolean {
  return own !== theirs && known.has(own) && known.has(theirs);
}

function parsed(line: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Somebody who is no service of this kind.
  }
  return {};
}

/** As much of it as a message can show. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 60) : "";
}
