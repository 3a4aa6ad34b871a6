import { mutantsOf, type Mutant } from "../mutant.js";

const framing: readonly Mutant[] = [
  ...mutantsOf(
    "transport/src/framing/line-delimited.ts",
    ["framing/"],
    [
      [
        "a line of exactly the limit passes",
        "if (this.end - this.start > this.#limit)",
        "if (this.end - this.start >= this.#limit)",
      ],
      [
        "a line one above the limit does not",
        "if (this.end - this.start > this.#limit)",
        "if (this.end - this.start > this.#limit + 1)",
      ],
      [
        "a line without end is not kept",
        "if (this.#carry.length <= this.#limit + EXTRA_BYTES) return;",
        "if (this.#carry.length <= Infinity) return;",
      ],
      [
        "the carriage return is no part of the line",
        "bytes[end - 1] === CR ? end - 1 : end",
        "bytes[end - 1] === CR ? end : end",
      ],
      [
        "what is lost at the end is told",
        "this.#skipping ? this.skippedBytes : this.#carry.length",
        "this.#skipping ? this.skippedBytes : 0",
      ],
    ],
  ),
  ...mutantsOf(
    "transport/src/framing/sized-decoder.ts",
    ["framing/"],
    [
      [
        "a frame of exactly the limit passes",
        'if (size <= this.#limit) return "frame";',
        'if (size < this.#limit) return "frame";',
      ],
      [
        "a frame above the limit is not kept",
        "this.#size <= this.#limit ? this.#size : Math.min(this.#size, HEAD_BYTES)",
        "this.#size",
      ],
      ["what is lost at the end is told", "return this.#announced + this.#collected;", "return this.#collected;"],
    ],
  ),
  ...mutantsOf(
    "transport/src/framing/content-length.ts",
    ["framing/"],
    [
      [
        "a length given twice is refused",
        'if (this.#size !== -1) throw malformed("Content-Length is given twice");',
        "",
      ],
      [
        "a header is bounded",
        "if (this.#headerBytes > MAX_HEADER_BYTES) throw",
        "if (this.#headerBytes > Infinity) throw",
      ],
      ["each header has a bound of its own", "    this.#headerBytes = 0;\n", ""],
      ["a length is digits", "if (!DIGITS.test(value)) throw", "if (Number.isNaN(Number(value))) throw"],
    ],
  ),
  ...mutantsOf(
    "transport/src/framing/length-prefixed.ts",
    ["framing/"],
    [
      [
        "a length above 2^31 is none below zero",
        "this.#size = this.#size * 256 + (",
        "this.#size = (this.#size << 8) + (",
      ],
    ],
  ),
  ...mutantsOf(
    "transport/src/framing/payload.ts",
    ["framing/payload", "channel/limits"],
    [
      [
        "a message of exactly the limit is sent",
        "return byteLength(payload) <= max;",
        "return byteLength(payload) < max;",
      ],
      ["text is measured in bytes", "return payload.length * 3 <= max || byteLength(payload) <= max;", "return true;"],
    ],
  ),
  ...mutantsOf(
    "transport/src/framing/chunk-list.ts",
    ["framing/"],
    [["no part is lost when a page is sealed", "if (this.#pageUsed > 0) this.#parts.push(this.#pageBytes());", ""]],
  ),
];

const outbox = mutantsOf(
  "transport/src/node/streams/outbox.ts",
  ["test/link/", "process/broken-pipes"],
  [
    ["what is written is queued no more", "this.#inStream -= part.length;", ""],
    ["who waits for a flush hears of the end", "this.#flush?.reject(this.#ended);", ""],
    ["a flush that nobody waits for is no unhandled rejection", "  done.catch(() => undefined);\n", "", "process/exit"],
    ["a flush waits for the writes before it", "if (next.lastWrite > this.#writesDone) return;", ""],
    [
      "text and bytes keep their order",
      "    this.#sealText();\n    this.#parts.push(part);",
      "    this.#parts.push(part);",
    ],
    [
      "a write that failed is no flush",
      "if (!error) next.flush.resolve();",
      "if (error !== this) next.flush.resolve();",
    ],
  ],
);

const child = mutantsOf(
  "transport/src/node/child/child-link.ts",
  ["process/child-link", "process/exit", "process/close", "process/broken-pipes", "process/faults"],
  [
    [
      "the exit code is told",
      'return new ChannelError("WORKER_EXITED", message, { exitCode,',
      'return new ChannelError("WORKER_EXITED", message, { exitCode: 0,',
    ],
    ["a worker that does not listen is killed", 'this.#kill("SIGKILL")', "undefined"],
    ["a worker is asked by SIGTERM first", 'this.#kill("SIGTERM")', "undefined"],
    [
      "answers before the exit are read",
      "if (seen === seenBefore || this.#isDrainTimeUp() || this.#hasSaidAll())",
      "if (seen >= 0)",
    ],
    [
      "a worker that closed its pipe ends the channel",
      "if (this.receiver === undefined || this.#timer !== undefined) return;",
      "if (this.#dataSeen >= 0) return;",
    ],
    [
      "an exit explains a broken pipe",
      '    if (!this.#hasExited()) this.#expectExit("closed its stdout");',
      '    this.end(new ChannelError("CHANNEL_CLOSED", "closed its stdout"));',
    ],
    ["a worker can say its last words", "stream.resume();", "stream.pause();"],
    ["no pipe is left", "this.#onClosed).destroy();", "this.#onClosed);"],
    ["a broken pipe is no uncaught error", 'stdin.on("error", this.#onStdinError);', ""],
    ["the end of stderr is told", "const stderr = this.#stderr.tail();", 'const stderr = "";'],
    ["close() waits for the exit", "await waitForExit(this.#child, KILL_MS);", ""],
  ],
);

const process: readonly Mutant[] = [
  ...mutantsOf(
    "transport/src/node/child/wait-for-exit.ts",
    ["process/close"],
    [["waiting for the exit is bounded", "startTimer(onTimeUp, milliseconds)", "startTimer(onTimeUp, 2 ** 30)"]],
  ),
  ...mutantsOf(
    "transport/src/node/child/close-on-abort.ts",
    ["process/abort-signal", "process/start"],
    [
      ["a signal closes its channel", "\n  watchSignal(signal, close);", ""],
      ["a signal keeps no listener of a closed channel", "unwatchSignal(signal, close);", ""],
    ],
  ),
];

const tree: readonly Mutant[] = [
  ...mutantsOf(
    "transport/src/node/child/worker-group.ts",
    ["process/process-tree"],
    [
      ["the group of a worker that has exited is killed", 'if (ownsGroups) this.#signal("SIGKILL");', ""],
      ["a parent that ends takes its workers along", "removeHook ??= onExit(killAllGroups);", ""],
      ["the hook goes with the last worker", "removeHook?.();\n", "", "process/close"],
    ],
  ),
  ...mutantsOf(
    "transport/src/node/own/parent.ts",
    ["process/process-tree"],
    [["a worker without a parent takes its group along", "      killOwnGroup();\n", ""]],
  ),
  ...mutantsOf(
    "transport/src/node/child/child-link.ts",
    ["process/child-link"],
    [["the drain is bounded", "return performance.now() >= this.#drainEnd;", "return false;"]],
  ),
  ...mutantsOf(
    "transport/src/node/child/guard.ts",
    ["process/process-tree"],
    [["the guard ends with the last worker", "leases.size === 0) endGuard();", "leases.size < 0) endGuard();"]],
  ),
];

const values: readonly Mutant[] = [
  ...mutantsOf(
    "transport/src/codec/json.ts",
    ["codec/json"],
    [
      ["nothing is altered in silence", 'this.#isLossy ? "plain"', '!this.#isLossy || this.#isLossy ? "plain"'],
      ["no received number is altered in silence", "return isCertain ?", "return isCertain || true ?"],
    ],
  ),
  ...mutantsOf(
    "transport/src/codec/json-survey.ts",
    ["codec/json", "codec/json-numbers"],
    [
      [
        "nesting is bounded in what a later member hides",
        "depthOf(text, levels) > levels",
        "depthOf(text, levels) < 0",
      ],
      ["nesting is bounded exactly", "if (levels <= 0) return false;", "if (levels <= 1) return false;"],
      [
        "a number that became 0 is seen",
        "((found & HAS_LARGE) !== 0 || mayHaveVanished(text))",
        "(found & HAS_LARGE) !== 0",
      ],
    ],
  ),
  ...mutantsOf(
    "transport/src/codec/json-numbers.ts",
    ["codec/json-numbers"],
    [["the first integer beyond 2^53 is altered", "if (Math.abs(value) < 2 ** 53)", "if (Math.abs(value) <= 2 ** 53)"]],
  ),
  ...mutantsOf(
    "transport/src/channel/input/undecodable.ts",
    ["channel/altered-numbers"],
    [["a stream without some of its items ends", "outgoing.abandon(request.id, errorOf(request.method));", ""]],
  ),
  ...mutantsOf(
    "transport/src/protocol/json-rpc-message.ts",
    ["protocol/", "channel/batches"],
    [["a batch is bounded exactly", "if (values.length <= maxSize)", "if (values.length < maxSize)"]],
  ),
  ...mutantsOf(
    "codec-msgpack/src/reader.ts",
    ["codec-msgpack/test/hostile", "codec-msgpack/test/values", "codec-msgpack/test/peer"],
    [
      [
        "a length is checked before memory is taken for it",
        "if (this.#allowance < 0) throw",
        "if (this.#allowance < -Infinity) throw",
      ],
      ["nesting is bounded exactly", "if (depth >= this.#maxDepth)", "if (depth > this.#maxDepth)"],
      ["a string is no longer than its message", "if (end > this.#end) throw", "if (end < 0) throw"],
      ["a value is no longer than its message", "if (start + count > this.#end) throw", "if (start < 0) throw"],
      ["a message does not end before its first byte", "if (at >= this.#end) throw", "if (at < 0) throw"],
      ["a message ends with its value", "if (left > 0) throw", "if (left < 0) throw"],
    ],
  ),
  ...mutantsOf(
    "codec-msgpack/src/read-number.ts",
    ["codec-msgpack/test/values"],
    [
      [
        "large integers are exact",
        "return Number.isSafeInteger(value) ? value : view.getBigUint64(at);",
        "return value;",
      ],
    ],
  ),
  ...mutantsOf(
    "codec-msgpack/src/texts.ts",
    ["codec-msgpack/test/texts"],
    [
      ["a text has room where it moves", "out.reserve(byteLength + shift);", ""],
      ["a long text goes on where it was broken off", "out.at = start + written;", "out.at = start;"],
    ],
  ),
];

export const belowMutants: readonly Mutant[] = [...framing, ...outbox, ...child, ...process, ...tree, ...values];
