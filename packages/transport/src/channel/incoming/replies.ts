import { RpcError } from "../../errors.js";
import type { Payload } from "../../framing/contract.js";
import { unitLength } from "../../framing/payload.js";
import type { ErrorObject, RequestId } from "../../protocol/contract.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import { resultError } from "../records/errors.js";
import type { Sender } from "../output/sender.js";

/** Where the one answer to a request goes. Methods throw when it can't be encoded or is too large. */
export interface Reply {
  result(id: RequestId, result: unknown): void;
  error(id: RequestId, error: ErrorObject): void;
  /** There is no answer: none fits. */
  skip?(): void;
}

/**
 * The answers to one batch: kept back until all are there, then sent as one. When they are too large for that, each is
 * sent by itself: that is no batch any more, but none is lost, and no more is kept than a message may be long.
 */
export class BatchReply implements Reply {
  readonly #sender: Sender;
  #answers: Payload[] = [];
  #missing: number;
  readonly #onDone: () => void;
  /** How much more fits into one message. */
  #room: number;

  /**
   * @param missing how many answers the batch needs
   * @param onDone called when all of them are there
   */
  constructor(sender: Sender, missing: number, onDone: () => void = () => undefined) {
    this.#sender = sender;
    this.#missing = missing;
    this.#onDone = onDone;
    this.#room = sender.maxMessageBytes;
  }

  result(id: RequestId, result: unknown): void {
    this.#add(this.#sender.encodeAnswer(id, { result }));
  }

  error(id: RequestId, error: ErrorObject): void {
    this.#add(this.#sender.encodeAnswer(id, { error }));
  }

  skip(): void {
    this.#missing -= 1;
    if (this.#missing > 0) return;
    this.#onDone();
    this.#sendAll();
  }

  #add(answer: Payload): void {
    this.#answers.push(answer);
    this.#room -= unitLength(answer);
    if (this.#room < 0) this.#sendEach();
    this.skip();
  }

  #sendAll(): void {
    if (this.#answers.length === 0) return;
    try {
      this.#sender.answers(this.#answers);
    } catch {
      this.#sendEach();
    }
  }

  #sendEach(): void {
    const answers = this.#answers;
    this.#answers = [];
    for (const answer of answers) this.#sender.answer(answer);
  }
}

/** Sends the result. When it can't be encoded or is too large, the request is answered with that. */
export function answer(reply: Reply, id: RequestId, result: unknown): void {
  try {
    reply.result(id, result);
  } catch (error) {
    replyError(reply, id, resultError(error));
  }
}

export function refuseAsBusy(reply: Reply, id: RequestId, reason: string): void {
  reply.error(id, { code: JsonRpcErrorCode.busy, message: `Busy: ${reason}` });
}

/** Sends an error. When it can't be encoded or is too large, without its data, and with as much text as fits. */
export function replyError(reply: Reply, id: RequestId, error: unknown): void {
  let answer = toErrorObject(error);
  for (;;) {
    try {
      reply.error(id, answer);
      return;
    } catch {
      // An id that fits into no answer: who chose it waits in vain, and nobody else is to suffer for it.
      if (answer.data === undefined && answer.message === "") {
        reply.skip?.();
        return;
      }
      const length = answer.data === undefined ? answer.message.length >> 1 : answer.message.length;
      answer = { code: answer.code, message: answer.message.slice(0, length) };
    }
  }
}

const INTERNAL_ERROR: ErrorObject = Object.freeze({
  code: JsonRpcErrorCode.internalError,
  message: "Internal error",
});

/**
 * Only an `RpcError` says what the other side may see; of any other error it gets the message, and no more. What was
 * thrown is not trusted: it may be anything, and each look at it may throw.
 */
function toErrorObject(thrown: unknown): ErrorObject {
  try {
    if (thrown instanceof RpcError) return chosenError(thrown);
    const message: unknown = thrown instanceof Error ? thrown.message : "";
    return typeof message === "string" && message !== "" ? { ...INTERNAL_ERROR, message } : INTERNAL_ERROR;
  } catch {
    return INTERNAL_ERROR;
  }
}

/** An `RpcError` that its constructor has not seen, or that was changed since, may have any code and message. */
function chosenError(error: RpcError): ErrorObject {
  const { code, message, data } = error;
  return {
    code: Number.isSafeInteger(code) ? code : INTERNAL_ERROR.code,
    message: typeof message === "string" ? message : "The error has no message",
    data,
  };
}
