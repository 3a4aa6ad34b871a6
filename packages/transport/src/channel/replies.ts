import { RpcError } from "../errors.js";
import type { Payload } from "../framing/contract.js";
import type { ErrorObject, RequestId } from "../protocol/contract.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import type { Sender } from "./sender.js";

/** Where the one answer to a request goes. Methods throw when it can't be encoded or is too large. */
export interface Reply {
  result(id: RequestId, result: unknown): void;
  error(id: RequestId, error: ErrorObject): void;
  /** There is no answer: none fits. */
  skip?(): void;
}

/** The answers to one batch: kept back until all are there, then sent as one. */
export class BatchReply implements Reply {
  readonly #sender: Sender;
  readonly #answers: Payload[] = [];
  #missing: number;

  /** @param missing how many answers the batch needs */
  constructor(sender: Sender, missing: number) {
    this.#sender = sender;
    this.#missing = missing;
  }

  result(id: RequestId, result: unknown): void {
    this.#add(this.#sender.encodeAnswer(id, { result }));
  }

  error(id: RequestId, error: ErrorObject): void {
    this.#add(this.#sender.encodeAnswer(id, { error }));
  }

  skip(): void {
    this.#missing -= 1;
    if (this.#missing === 0 && this.#answers.length > 0) this.#sendAll();
  }

  #add(answer: Payload): void {
    this.#answers.push(answer);
    this.skip();
  }

  /** Answers that are too large together are sent one by one: that is no batch any more, but none is lost. */
  #sendAll(): void {
    try {
      this.#sender.answers(this.#answers);
    } catch {
      for (const answer of this.#answers) this.#sender.answers([answer]);
    }
  }
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

/** Only an `RpcError` says what the other side may see; of any other error it gets the message, and no more. */
function toErrorObject(error: unknown): ErrorObject {
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    return data === undefined ? { code, message } : { code, message, data };
  }
  const message = error instanceof Error && error.message !== "" ? error.message : "Internal error";
  return { code: JsonRpcErrorCode.internalError, message };
}
