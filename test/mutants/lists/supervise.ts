import { mutantsOf, type Mutant } from "../mutant.js";

const lives = mutantsOf(
  "transport/src/supervise/lives.ts",
  ["supervise/restart", "supervise/restart-model"],
  [
    ["nothing is started after close()", "this.#isOver = true;\n    const released", "const released"],
    ["close() waits for a start that is under way", "released, this.#opening, ...", "released, ..."],
    ["a worker that was started for nobody is ended", "return link.close();", "return;"],
    ["an exit is told", 'this.#options.events.emit({ type: "exited", ', 'void ({ type: "exited", '],
    ["what was not sent moves on", "if (next !== undefined) return next;", "if (next !== undefined) return undefined;"],
    [
      "whenFull is as before once a worker runs",
      "channel.attach(link, pid, parts.whenFull);",
      'channel.attach(link, pid, "wait");',
    ],
  ],
);

const rest = [
  ...mutantsOf(
    "transport/src/supervise/restart-budget.ts",
    ["supervise/restart-model", "supervise/restart"],
    [
      ["the budget is kept exactly", "this.#times.length >= maxRestarts", "this.#times.length > maxRestarts"],
      ["the window slides", "now - time < withinMs", "now - time <= withinMs"],
      ["delays double", "minDelayMs * 2 ** ", "minDelayMs * 1 ** "],
    ],
  ),
  ...mutantsOf(
    "transport/src/supervise/repeats.ts",
    ["supervise/idempotent"],
    [
      ["a request that killed two workers is not sent to a third", "const MAX_DEATHS = 2;", "const MAX_DEATHS = 3;"],
      ["nobody is blamed for a kill from outside", "inFlight <= 1 || ", "inFlight <= 100 || "],
      ["requests are sent again within a budget", "if (!this.#budget.take()) throw error;", ""],
      ["nobody dies of what was never sent", "mayBeToBlame(death) && wasSent(error)", "mayBeToBlame(death)"],
      ["a deadline holds over all workers", "left = deadline - performance.now()", "left = timeout"],
    ],
  ),
  ...mutantsOf(
    "transport/src/supervise/heartbeat.ts",
    ["supervise/heartbeat"],
    [
      ["a worker that computes is not killed", "return this.#hasAnswered && !isBusy;", "return this.#hasAnswered;"],
      ["one that knows no heartbeat is not killed", "return this.#hasAnswered && !isBusy;", "return !isBusy;"],
      ["misses are counted in a row", "isSilent ? this.#missed + 1 : 0", "isSilent ? this.#missed + 1 : this.#missed"],
      ["nobody is asked after the end", "if (this.#isStopped) return;", ""],
    ],
  ),
  ...mutantsOf(
    "transport/src/supervise/breaker.ts",
    ["supervise/breaker"],
    [
      [
        "an answer is no failure",
        "error instanceof ChannelError && FAILURES.has(error.code)",
        "error instanceof RpcError || FAILURES.has((error as ChannelError).code)",
      ],
      ["one call is let through", "this.#opensUntil = now + this.#policy.coolDownMs;\n    if", "if"],
      [
        "a late answer does not close the circuit",
        '!== "closed" && ticket !== this.#probe) return;\n    this.#failures = 0;',
        '=== "half-open" && false) return;\n    this.#failures = 0;',
      ],
    ],
  ),
];

const pool = [
  ...mutantsOf(
    "transport/src/supervise/pool/workers.ts",
    ["supervise/pool"],
    [
      [
        "a worker that is gone gets no request",
        "      onGone: (member) => {\n        this.#unserve(member);\n",
        "      onGone: () => {\n",
      ],
      ["a spare worker that is gone is none", "member?.channel.isGone === false", "member !== undefined"],
      ["a place keeps its number", "while (taken.has(id)) id += 1;", ""],
      ["what a worker counted is kept", "this.past.counters.add(member.lasting.counters);", ""],
      [
        "a worker that leaves gets no request",
        "this.#unserve(member);\n    member.isDraining = true;",
        "member.isDraining = true;",
      ],
      [
        "a worker that leaves finishes first",
        "member.quiet().then(() => member.channel.close())",
        "member.channel.close()",
      ],
      ["one that nobody wants any more is ended", "      await opened.link.close();\n", ""],
    ],
  ),
  ...mutantsOf(
    "transport/src/supervise/pool/dispatch.ts",
    ["supervise/pool"],
    [
      ["who waits comes first", "if (unsent.size > 0) return this.#queue.channel;", ""],
      ["the least busy one is chosen", "if (load >= least) continue;", "if (load >= this.#maxInFlight) continue;"],
      ["a key waits behind its key", " && !this.#queue.hasFor(place)", ""],
    ],
  ),
  ...mutantsOf(
    "transport/src/supervise/pool/lanes.ts",
    ["supervise/pool"],
    [
      ["what comes back keeps its place", "(entries[at - 1]?.order ?? 0) > entry.order", "false"],
      ["priorities hold between lanes", "one.priority > other.priority", "one.priority < other.priority"],
      ["the first come first between lanes", "one.order < other.order", "one.order > other.order"],
    ],
  ),
];

export const superviseMutants: readonly Mutant[] = [...lives, ...rest, ...pool];
