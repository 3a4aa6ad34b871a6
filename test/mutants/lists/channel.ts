import { mutantsOf, type Mutant } from "../mutant.js";

const caller = mutantsOf(
  "transport/src/channel/outgoing/outgoing.ts",
  ["channel/requests", "channel/closing"],
  [
    [
      "what waits fails when the channel ends",
      "for (const request of this.#pending.takeAll()) {",
      "for (const request of this.#pending.takeAll().slice(1)) {",
    ],
    ["a deadline is kept", "this.#timeOut(id);", "void id;", "channel/timeouts"],
    [
      "the worker hears of a timeout",
      "this.fail(request, reason);\n    this.#sayCancelled(request, reason);",
      "this.fail(request, reason);",
      "channel/timeouts",
      "channel/interleavings",
    ],
    [
      "the worker hears of a cancel",
      "request.reject(reason);\n    this.#sayCancelled(request, reason);",
      "request.reject(reason);",
      "channel/cancellation",
    ],
    [
      "the worker does not hear of the end of what it never got",
      "    if (sentAs === 0) return;\n",
      "",
      "channel/full-queue",
      "channel/interleavings",
    ],
    [
      "no listener is left on a signal",
      "this.#aborts.leave(request.extra);\n      request.extra.stopInput",
      "request.extra.stopInput",
      "channel/cancellation",
    ],
    [
      "requests in flight are bounded exactly",
      "if (this.#pending.size >= this.#parts.limits.maxInFlight)",
      "if (this.#pending.size > this.#parts.limits.maxInFlight)",
      "channel/limits",
    ],
    [
      "a signal that has aborted keeps its request back",
      "if (checked?.signal?.aborted === true) throw",
      "if (this.#lastId < 0) throw",
      "channel/cancellation",
    ],
    ["nothing waits in a channel that has ended", "this.#sender.assertOpen(method);", ""],
    [
      "what was given up while it waited for room is never sent",
      "if (request.sentAs === 0) this.#unsent.remove(request);",
      "",
      "channel/full-queue",
      "channel/interleavings",
    ],
    ["inputs end with their request", "      request.extra.stopInput?.();\n", "", "channel/inputs"],
    ["no timer is left", "this.#deadlines.stop();", "", "channel/leftovers"],
    ["no listener is left after the end", "this.#aborts.end();", "", "channel/cancellation", "process/abort-signal"],
    [
      "a timeout counts from the call",
      "timeout === 0 ? this.#clock.turn() : this.#clock.moment()",
      "this.#clock.turn()",
      "channel/timeouts",
    ],
  ],
);

const departures = mutantsOf(
  "transport/src/channel/outgoing/departures.ts",
  ["channel/full-queue"],
  [
    [
      "a full queue is told",
      'if (mustWait && !isEarly && this.#parts.whenFull === "fail") {',
      "if (mustWait && (this as object) === null) {",
      "channel/full-queue",
    ],
    [
      "who finds no room waits for it",
      "if (mustWait) this.#sendLater(",
      "if (request.id < 0) this.#sendLater(",
      "channel/full-queue",
    ],
    [
      "a request that settled while it was encoded is not sent",
      "if (!this.#table.isWaiting(request)) return;\n      if (mustWait)",
      "if (mustWait)",
      "channel/request-options",
    ],
    [
      "a request that settled while its inputs were opened is not sent",
      "if (!this.#table.isWaiting(request)) return;\n    request.sentAs = ",
      "request.sentAs = ",
      "channel/request-options",
    ],
    [
      "the deadline of a request that was handed on counts from when it was made",
      "this.#table.register(request, performance.now());",
      "this.#table.register(request);",
      "supervise/restart",
    ],
  ],
);

const batches = mutantsOf(
  "transport/src/channel/outgoing/outgoing-batches.ts",
  ["channel/batches", "channel/batch-arrays"],
  [
    [
      "a batch may fill what is left, exactly",
      "inFlight + wanted > maxInFlight",
      "inFlight + wanted >= maxInFlight",
      "channel/limits",
    ],
    [
      "a batch does not overtake who waits for room",
      'if (this.#unsent.mustWait) throw overloadedError("batch"',
      'if (this.#sender.isFull) throw overloadedError("batch"',
      "channel/full-queue",
    ],
    ["a batch fails by its deadline", "if (request !== undefined) this.#requests.register(request);", ""],
    ["no array is larger than the other side takes", "at, at + maxBatchSize)", "at, at + maxBatchSize + 1)"],
    ["a refused array does not leave its calls waiting", "this.#arrays.open(requests);", ""],
    [
      "a batch that is refused leaves nothing in flight",
      "if (request !== undefined) this.#requests.take(request.id);",
      "void request;",
    ],
  ],
);

const table = mutantsOf(
  "transport/src/channel/records/request-table.ts",
  ["channel/request-table"],
  [
    [
      "a request settles once",
      "if (this.#places[place] === request) this.#places[place] = undefined;",
      "if (this.#places[place] === request) void place;",
    ],
    [
      "a request whose place is taken is not lost",
      "else this.#displaced.set(request.id, request);",
      "else void request;",
    ],
    [
      "all means all",
      "if (isWanted(request)) wanted.push(request);\n    for (const request of this.#places)",
      "void request;\n    for (const request of this.#places)",
      "channel/closing",
      "channel/timeouts",
    ],
    ["what is settled is not in flight", "this.#size -= 1;", ""],
  ],
);

const deadlines = mutantsOf(
  "transport/src/channel/outgoing/deadline-timer.ts",
  ["channel/timeouts", "channel/leftovers"],
  [
    ["the timer goes on to the next deadline", "if (next !== Infinity) this.cover(", "if (next === -1) this.cover("],
    [
      "a long timeout does not fire at once",
      "Math.min(Math.ceil(Math.max(deadline - now, 1)), MAX_TIMER_MS)",
      "Math.max(deadline - now, 1)",
    ],
    [
      "an earlier deadline is kept",
      "if (deadline >= this.#armedFor) return;",
      "if (this.#armedFor < Infinity) return;",
    ],
    ["a stale timer holds no process", "    unref(this.#timer);\n", "", "process/unref", "process/weaknesses"],
  ],
);

const unsent = mutantsOf(
  "transport/src/channel/output/unsent.ts",
  ["channel/full-queue", "channel/interleavings"],
  [
    [
      "nobody overtakes who waits for room",
      "return (this.#waiting.size > 0 && this.ceremony?.isShut !== true) || this.#sender.isFull;",
      "return this.#sender.isFull;",
    ],
    ["what was given up is never sent", "if (this.#waiting.size > 0) this.#take(owner);", ""],
    ["what waits is sent once", "this.#take(owner);\n    waiting?.send();", "waiting?.send();"],
    ["what waits is sent only when there is room", "while (this.#sender.isFull) await", "if (!this.#isSending) await"],
    ["sending starts again after a pause", "this.#isSending = false;", ""],
  ],
);

const pending = mutantsOf(
  "transport/src/channel/outgoing/pending.ts",
  ["channel/closing", "channel/full-queue", "process/faults"],
  [
    [
      "a request that was sent is not told as not sent",
      'return request.sentAs > 0 ? "unknown" : "not-sent";',
      'return request.id < 0 ? "unknown" : "not-sent";',
    ],
    [
      "a request that was not sent is told as such",
      'return request.sentAs > 0 ? "unknown" : "not-sent";',
      'return request.id < 0 ? "not-sent" : "unknown";',
    ],
  ],
);

const notifier = mutantsOf(
  "transport/src/channel/outgoing/notifier.ts",
  ["channel/notifications", "channel/full-queue", "channel/leftovers"],
  [
    [
      "a refused notification that nobody waits for is no unhandled rejection",
      "return quiet(rejected(error));",
      "return rejected(error);",
    ],
    [
      "a notification that waits hears of the end",
      'reject(endedRequestError(cause, method, "not-sent"));',
      "void [cause, method, reject];",
    ],
    ["notifications that wait are bounded in bytes", "this.#waitingBytes -= bytes;", ""],
    [
      "notifications that wait are bounded in number",
      "if (this.#waiting.size >= maxInFlight)",
      "if (this.#waiting.size > maxInFlight)",
    ],
  ],
);

const aborts = mutantsOf(
  "transport/src/channel/outgoing/abort-groups.ts",
  ["channel/cancellation", "channel/leftovers", "process/abort-signal"],
  [
    [
      "a signal keeps no listener of requests that are over",
      "if (group !== this.#last || this.#isOver) this.#drop(group);",
      "if (group !== this.#last) void group;",
    ],
    [
      "a listener lingers for a moment only",
      "if (this.#last !== undefined && this.#last.first === undefined) this.#drop(this.#last);",
      "",
    ],
    ["the end leaves no listener", "for (const group of this.#groups.values()) this.#drop(group);", ""],
    ["the end leaves no timer", "clearTimeout(this.#timer);", ""],
    [
      "requests of another signal go on",
      "if (last !== undefined && last.first === undefined) this.#drop(last);",
      "if (last !== undefined) this.#drop(last);",
    ],
  ],
);

const channel = mutantsOf(
  "transport/src/channel/link-channel.ts",
  ["channel/closing", "channel/requests", "channel/leftovers"],
  [
    [
      "the first cause is the reason",
      "if (this.#ended !== undefined) return;\n    this.#ended = cause;",
      "this.#ended = cause;",
    ],
    ["handlers hear of the end", "this.#incoming.abortAll(cause);", "", "channel/handlers"],
    ["nothing is sent after the end", "this.#sender.end(cause);", ""],
    ["what waits hears of the end", "this.outgoing.end(cause);", ""],
    [
      "nothing is received after the end",
      "this.#receiver.stop(this.#parting);",
      "",
      "channel/bad-input",
      "channel/batches",
    ],
    ["the end is told", "this.#resolveClosed(cause);", ""],
  ],
);

const ceremony = mutantsOf(
  "transport/src/channel/output/ceremony.ts",
  ["dialects/ceremony"],
  [
    ["nothing leaves before the hello", "if (this.#hello.allowed.includes(method)) return false;", "return false;"],
    ["what may be said early leaves", "if (this.#hello.allowed.includes(method)) return false;", ""],
    ["what was kept back leaves", "this.onOpen();", ""],
    [
      "nobody is asked to end twice",
      "if (method === this.#goodbye.request) this.#isLeaving = true;\n    if (method === this.#goodbye.notification)",
      "if (method === this.#goodbye.notification)",
    ],
    ["nobody leaves twice", "&& !this.#hasLeft", ""],
    [
      "who comes too early is refused",
      "return new RpcError(code, `Not initialized",
      "if (code > 0) return new RpcError(code, `Not initialized",
    ],
  ],
);

const parting = mutantsOf(
  "transport/src/channel/parting.ts",
  ["dialects/ceremony"],
  [
    [
      "the goodbye waits for its answer",
      "message.id === this.#id) this.#leave();",
      "message.id !== this.#id) this.#leave();",
    ],
    [
      "who is gone is not waited for",
      "this.#isOver = true;\n    clearTimeout(this.#timer);\n    this.#resolve();",
      "this.#isOver = true;",
    ],
  ],
);

export const channelMutants: readonly Mutant[] = [
  ...caller,
  ...departures,
  ...batches,
  ...table,
  ...unsent,
  ...notifier,
  ...pending,
  ...deadlines,
  ...aborts,
  ...channel,
  ...ceremony,
  ...parting,
];
