import { mutantsOf, type Mutant } from "../mutant.js";

const receiver = mutantsOf(
  "transport/src/channel/input/receiver.ts",
  ["channel/bad-input", "channel/requests"],
  [
    [
      "answers to nothing are counted",
      "if (request === undefined) {\n      counters.answersIgnored += 1;",
      "if (request === undefined) {",
      "channel/stats",
    ],
    ["an error with id null is surfaced", "} else if (message.id !== null) {", "} else if (message.id !== -1) {"],
    ["an error answer rejects its request", "rejectTraced(request, new RpcError(code", "void (new RpcError(code"],
    [
      "what an ended channel still has of a batch is dropped",
      "if (this.#isStopped) return;\n      this.#route(message, reply, ",
      "this.#route(message, reply, ",
      "channel/batches",
    ],
    [
      "what an ended channel still gets is dropped",
      "// A handler may have ended the channel.\n    if (this.#isStopped) {",
      "if (end < 0) {",
      "channel/closing",
      "channel/bad-input",
    ],
  ],
);

const misfits = mutantsOf(
  "transport/src/channel/input/misfits.ts",
  ["channel/unreadable-answers", "channel/bad-input", "channel/limits"],
  [
    ["what is no message fails the request whose answer it was", "  outgoing.fail(request, error);\n", ""],
    [
      "an oversized frame of nobody ends the channel",
      "if (isTheEndUntold && !isTold && !serves) {",
      "if (reason === id) {",
    ],
    ["an answer is never answered", "if (isAnswer === true) return false;", ""],
    ["a side that only calls answers no bytes", "return serves || isAnsweredByCallers;", "return true;"],
  ],
);

const framedLink = mutantsOf(
  "transport/src/link/framed-link.ts",
  ["link/framed-link", "process/exit"],
  [
    ["input that ends inside a message is told", "if (lost > 0) receiver.cut(lost);", ""],
    [
      "a decoder that made no promise is copied from",
      "isShown ? bytes : bytes.slice(start, end);",
      "isShown ? bytes : bytes.subarray(start, end);",
    ],
    [
      "half a frame is the end",
      'this.#end(failure("A message could not be framed", error));',
      'void failure("", error);',
    ],
  ],
);

const noise = mutantsOf(
  "transport/src/channel/input/noise.ts",
  ["channel/noise"],
  [
    [
      "prints are bounded",
      "return this.#spent <= this.#parts.limits.maxNoiseBytesPerMinute;",
      "return this.#spent <= Infinity;",
    ],
    ["prints are bounded exactly", "return this.#spent <= this", "return this.#spent < this"],
    ["each minute has a budget of its own", "      this.#spent = 0;\n", ""],
    ["short prints cost too", "Math.max(text.length, MIN_BYTES)", "text.length"],
  ],
);

const dispatcher = mutantsOf(
  "transport/src/channel/incoming/incoming.ts",
  ["channel/handlers", "channel/limits"],
  [
    [
      "an id that is running is refused",
      "} else if (this.#running.get(key) !== undefined) {",
      "} else if (method === undefined) {",
      "channel/ids",
    ],
    [
      "running handlers are bounded exactly",
      "} else if (this.#running.size >= this.#options.maxRunning) {",
      "} else if (this.#running.size > this.#options.maxRunning) {",
    ],
    [
      "a cancelled request is answered once",
      "if (!this.#running.remove(running)) return false;",
      "this.#running.remove(running);",
      "channel/cancellation",
      "channel/interleavings",
    ],
    [
      "a cancelled request is answered at all",
      "replyError(running.reply, running.context.id, reason);",
      "",
      "channel/cancellation",
    ],
    [
      "a stream that nobody asked for is refused",
      "if (output.credit === 0) {",
      "if (output.credit < 0) {",
      "channel/streams",
    ],
    [
      "a handler that throws is answered for",
      "      this.#replyFailure(running, error);\n      return;\n    }\n    if (kind",
      "      return;\n    }\n    if (kind",
    ],
    [
      "a handler that rejects is answered for",
      "if (this.#settle(running)) this.#replyFailure(running, error);",
      "this.#settle(running);",
      "channel/hostile-handlers",
    ],
    [
      "running handlers are bounded in bytes",
      "} else if (this.#held + bytes > this.#options.maxBytes && this.#held > 0) {",
      "} else if (bytes < 0) {",
      "channel/held-bytes",
    ],
    ["what was held is released", "this.#held -= running.bytes;", "", "channel/held-bytes"],
    ["an idle channel is told", "resolve of this.#onIdle.splice(0)", "resolve of this.#onIdle.splice(1)"],
    ["progress ends with the answer", "running.context.finish();", "", "channel/progress", "channel/interleavings"],
  ],
);

const reader = mutantsOf(
  "transport/src/channel/streams/stream-reader.ts",
  ["channel/streams", "channel/inputs"],
  [
    ["more items than were asked for are an error", "if (this.#granted < 0)", "if (this.#granted < -Infinity)"],
    ["credit is counted when items come", "this.#granted -= items.length;", ""],
    ["credit is counted when it is given", "this.#granted += wanted;", ""],
    [
      "items that wait are bounded in bytes",
      "if (this.#unreadBytes + bytes > this.#maxBytes && unread > FIRST_CREDIT) throw",
      "if (unread > this.#maxWindow) throw",
      "channel/held-bytes",
    ],
    [
      "few large items are asked for",
      "Math.min(fitting, this.#window * GROWTH, this.#maxWindow)",
      "Math.min(this.#window * GROWTH, this.#maxWindow)",
      "channel/held-bytes",
    ],
    ["leaving a stream cancels it", "if (this.#isStarted) this.#source.cancel();", ""],
    ["a stream ends once", "if (this.#end !== undefined) return;\n    this.#end = end;", "this.#end = end;"],
    [
      "every reading that waits is ended",
      "for (const reading of this.#readings.splice(0)) {",
      "for (const reading of this.#readings.splice(1)) {",
    ],
  ],
);

const notifications = mutantsOf(
  "transport/src/channel/incoming/notifications.ts",
  ["channel/notifications", "channel/held-bytes"],
  [
    ["nothing is delivered after close()", "if (this.#isClosed) return;\n    const", "const"],
    ["a handler that was removed gets nothing", "if (this.#isStopped) return;", ""],
  ],
);

const verdicts = mutantsOf(
  "transport/src/channel/input/verdicts.ts",
  ["channel/bad-input"],
  [["a call that lost its method is refused", "isAnswer: !serves ||", "isAnswer: serves ||"]],
);

const replies = mutantsOf(
  "transport/src/channel/incoming/replies.ts",
  ["channel/handlers", "channel/batches"],
  [
    [
      "a result that can't be encoded is answered for",
      "  } catch (error) {\n    replyError(reply, id, resultError(error));\n  }",
      "  } catch {\n    return;\n  }",
    ],
    [
      "a code that is no code is not sent",
      "Number.isSafeInteger(code) ? code : INTERNAL_ERROR.code",
      "code",
      "channel/hostile-handlers",
    ],
    ["answers too large together are not kept", "if (this.#room < 0) this.#sendEach();", "", "channel/held-bytes"],
  ],
);

const writer = mutantsOf(
  "transport/src/channel/streams/stream-writer.ts",
  ["channel/streams", "channel/inputs"],
  [
    [
      "streams leave the event loop its turns",
      "if (pause !== undefined) await pause;",
      "void pause;",
      "channel/event-loop",
    ],
    ["no more items are sent than were asked for", "this.#credit -= 1;", ""],
    [
      "a full queue holds a stream back",
      "while (!this.#isStopped && this.#sink.isFull) await this.#sink.flushed();",
      "",
      "channel/full-queue",
    ],
    ["the source hears that nobody reads", "const returned = this.#source.return?.();", "const returned = undefined;"],
    [
      "what was yielded before the end is sent",
      "  #finish(outcome: StreamOutcome): StreamOutcome | undefined {\n    this.#flush();",
      "  #finish(outcome: StreamOutcome): StreamOutcome | undefined {",
    ],
    ["an item that can't be sent ends its stream", "      this.#onUnsendable({ failure: error });\n", ""],
    ["items too large together go in halves", "this.#send(items.slice(middle));", ""],
  ],
);

const sender = mutantsOf(
  "transport/src/channel/output/sender.ts",
  ["channel/limits", "channel/requests"],
  [
    [
      "a message above the limit is not sent",
      "if (!this.#fits(what, payload, maxMessageBytes)) throw",
      "if (payload.length < 0) throw",
    ],
    [
      "a notification finds no room where a request finds none",
      'if (this.isFull) throw overloadedError(method, "limits.maxQueuedBytes");\n    this.sendNotification(this.encodeN',
      "this.sendNotification(this.encodeN",
      "channel/full-queue",
    ],
    [
      "the queue is bounded exactly",
      "queuedBytes > this.#parts.limits.maxQueuedBytes",
      "queuedBytes >= this.#parts.limits.maxQueuedBytes",
      "channel/full-queue",
    ],
    [
      "an answer in a batch is bounded",
      'if (!this.#fits("the result", payload, limits.maxMessageBytes - BATCH_OF_ONE))',
      "if (payload.length < 0)",
      "channel/batches",
    ],
  ],
);

export const receivingMutants: readonly Mutant[] = [
  ...receiver,
  ...misfits,
  ...framedLink,
  ...noise,
  ...dispatcher,
  ...reader,
  ...notifications,
  ...replies,
  ...verdicts,
  ...writer,
  ...sender,
];
