import { ChannelError } from "../../errors.js";
import type { RequestId } from "../../protocol/contract.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import type { Reply } from "../incoming/replies.js";
import { keyOf } from "../records/id-key.js";
import type { Routes } from "./routes.js";

/** What is not quite a message: a value that is none, bytes that are no value, a frame above the limit. */
export interface Misfit {
  readonly kind: "invalid" | "unreadable" | "oversized";
  /** Why, in words that go on a sentence. */
  readonly reason: string;
  /** Whose it is, where that can be told. */
  readonly id: RequestId | undefined;
  /** `undefined` where that can't be told. */
  readonly isAnswer: boolean | undefined;
  readonly cause?: unknown;
  /** What the answer says besides the reason. */
  readonly data?: object | undefined;
}

/** How one kind is met. */
interface Manner {
  /** What the request is told whose answer it was. */
  readonly failure: { readonly code: "MESSAGE_MALFORMED" | "MESSAGE_TOO_LARGE"; readonly text: string };
  /** What it is answered with, if it is. */
  readonly answer: { readonly code: number; readonly text: string };
  /** Whether a side that only calls answers what names a request. */
  readonly isAnsweredByCallers: boolean;
  /** Whether one without an id is answered: with the id null. */
  readonly isAnsweredWithoutId: boolean;
  /** What is reported, and whether what was answered is reported too. */
  readonly report: { readonly text: string; readonly evenIfAnswered: boolean };
  /** Whether a side that only calls must end when it can't tell whose it was: any request could be the one. */
  readonly isTheEndUntold: boolean;
}

const MANNERS: Readonly<Record<Misfit["kind"], Manner>> = Object.freeze({
  invalid: {
    failure: { code: "MESSAGE_MALFORMED", text: "the answer is not valid: " },
    answer: { code: JsonRpcErrorCode.invalidRequest, text: "Invalid request: " },
    isAnsweredByCallers: true,
    isAnsweredWithoutId: true,
    report: { text: "The other side sent a value that is not a message: ", evenIfAnswered: true },
    isTheEndUntold: false,
  },
  unreadable: {
    failure: { code: "MESSAGE_MALFORMED", text: "the answer can't be read: " },
    answer: { code: JsonRpcErrorCode.parseError, text: "Parse error: " },
    isAnsweredByCallers: false,
    isAnsweredWithoutId: true,
    report: { text: "A message can't be read: ", evenIfAnswered: false },
    isTheEndUntold: false,
  },
  oversized: {
    failure: { code: "MESSAGE_TOO_LARGE", text: "" },
    answer: { code: JsonRpcErrorCode.invalidRequest, text: "Invalid request: " },
    isAnsweredByCallers: true,
    isAnsweredWithoutId: false,
    report: { text: "Skipped: ", evenIfAnswered: true },
    isTheEndUntold: true,
  },
});

/**
 * Tells it to the request whose answer it was, answers it, reports it, or ends the channel: the one place that decides.
 *
 * @param serves true on the side that was started to answer
 */
export function receiveMisfit(misfit: Misfit, reply: Reply, serves: boolean, routes: Routes): void {
  const { kind, reason, id, isAnswer, cause } = misfit;
  const { failure, report, isTheEndUntold } = MANNERS[kind];
  routes.counters.malformed += 1;
  if (isAnswer === true && id !== undefined && failRequest(misfit, id, routes)) return;
  const isTold = isAnswer === false || (isAnswer === true && id !== undefined);
  if (isTheEndUntold && !isTold && !serves) {
    routes.end(
      new ChannelError(failure.code, `The channel ended: ${reason}, and nothing tells which request it belonged to.`),
    );
    return;
  }
  const answers = isAnswered(misfit, serves);
  if (answers) answerMisfit(misfit, reply);
  if (!answers || report.evenIfAnswered) {
    routes.onError(new ChannelError(failure.code, `${report.text}${reason}.`, cause === undefined ? {} : { cause }));
  }
}

/** An answer is never answered; what can't be told whose it is, only by the side that serves. */
export function isAnswered({ kind, id, isAnswer }: Misfit, serves: boolean): boolean {
  const { isAnsweredByCallers, isAnsweredWithoutId } = MANNERS[kind];
  if (isAnswer === true) return false;
  if (id !== undefined) return serves || isAnsweredByCallers;
  return serves && (isAnsweredWithoutId || isAnswer === undefined);
}

function answerMisfit({ kind, reason, id, data }: Misfit, reply: Reply): void {
  const { code, text } = MANNERS[kind].answer;
  reply.error(id ?? null, { code, message: text + reason, ...(data === undefined ? {} : { data }) });
}

/** False when no request waits for it. */
function failRequest({ kind, reason, cause }: Misfit, id: RequestId, { outgoing }: Routes): boolean {
  const request = outgoing.take(keyOf(id));
  if (request === undefined) return false;
  const { method } = request;
  const { code, text } = MANNERS[kind].failure;
  const details = { method, delivery: "unknown" } as const;
  const error = new ChannelError(
    code,
    `${method}: ${text}${reason}.`,
    cause === undefined ? details : { ...details, cause },
  );
  outgoing.fail(request, error);
  return true;
}
