/** What shows that a promise is kept: the soaks and their lines, the test files, the Rust test programs. */
export interface Promised {
  readonly id: string;
  readonly says: string;
  /** Of each soak the lines of its ledger that are about the promise, by how they begin. */
  readonly soaks?: Readonly<Record<string, readonly string[]>>;
  /** Test files of vitest, or folders of them, from the root. */
  readonly tests?: readonly string[];
  /** Integration tests of the Rust workspace, below `rust-worker`. */
  readonly cargo?: readonly string[];
}

export const promises: readonly Promised[] = [
  {
    id: "P1 settle once",
    says: "every request settles exactly once, at the latest at its deadline plus 50 ms of loop time",
    soaks: {
      kills: ["issued = settled", "requests settled twice", "requests later than", "answers that belong"],
      hostile: ["requests, notifications, streams, batches"],
      pool: ["issued = settled", "  requests settled twice", "requests later than", "answers that belong"],
    },
    tests: [
      "packages/transport/test/channel/interleavings.test.ts",
      "packages/transport/test/channel/requests.test.ts",
      "packages/transport/test/channel/timeouts.test.ts",
      "packages/transport/test/channel/cancellation.test.ts",
      "packages/transport/test/channel/request-table.test.ts",
    ],
    cargo: ["procwire/tests/calls", "procwire/tests/deadlines"],
  },
  {
    id: "P2 contained",
    says: "nothing that a worker or user code does causes an uncaught exception, an unhandled rejection, an exit or a stall of the parent",
    soaks: {
      hostile: ["points, behaviours", "trials"],
      kills: ["warnings and unhandled rejections"],
    },
    tests: [
      "test/soak/hostile/points.test.ts",
      "test/process/faults.test.ts",
      "test/process/lies.test.ts",
      "test/process/broken-pipes.test.ts",
      "packages/codec-msgpack/test/hostile.test.ts",
    ],
    cargo: ["procwire/tests/hostile"],
  },
  {
    id: "P3 bounded",
    says: "memory per link stays under its byte, count and depth limits whatever the peer sends",
    soaks: { memory: ["growth in the second half"], linear: [""] },
    tests: [
      "packages/transport/test/limits.test.ts",
      "packages/transport/test/channel/limits.test.ts",
      "packages/transport/test/channel/full-queue.test.ts",
      "packages/transport/test/channel/notification-overflow.test.ts",
      "packages/transport/test/framing",
    ],
    cargo: ["procwire/tests/frames"],
  },
  {
    id: "P4 live",
    says: "each side keeps reading; overload is answered with an error, never by blocking the reader",
    soaks: {
      "both-ways": ["Rust: all of it", "Rust: longest", "serveStdio: all of it", "serveStdio: longest"],
      stderr: ["  calls in the flood"],
    },
    tests: ["test/process/stops-reading.test.ts", "packages/transport/test/channel/streams.test.ts"],
  },
  {
    id: "P5 no orphan",
    says: "the worker and what it has started are gone at most 1 s after the parent is gone, for any cause of death",
    soaks: { orphans: ["node", "Node", "rust", "Rust"] },
    tests: ["test/cross-language/lifetime.test.ts", "test/process/close.test.ts", "test/process/process-tree.test.ts"],
  },
  {
    id: "P6 no leak",
    says: "files, listeners, timers, table entries and processes return to the baseline after any number of cycles",
    soaks: {
      cycles: ["open files", "listeners", "active resources", "child processes"],
      kills: ["faults that left"],
      pool: ["  workers that outlived"],
    },
    tests: ["packages/transport/test/channel/leftovers.test.ts"],
  },
  {
    id: "P7 faithful",
    says: "a value arrives equal, or the call fails with an encode or decode error; never silently altered",
    tests: [
      "test/values/values.test.ts",
      "test/cross-language/same-verdict.test.ts",
      "test/cross-language/json-rpc-vectors.test.ts",
      "packages/transport/test/codec",
      "packages/codec-msgpack/test/values.test.ts",
      "packages/codec-msgpack/test/round-trip.test.ts",
    ],
    cargo: ["tests/vectors", "tests/msgpack", "procwire/tests/messages"],
  },
  {
    id: "P8 bounded restart",
    says: "restarts back off, are budgeted, and end in a visible state",
    soaks: { "crash-loop": ["channel:", "pool", "requests of the pools", "CPU of this process"] },
    tests: [
      "packages/transport/test/supervise/crash-loop.test.ts",
      "packages/transport/test/supervise/restart-model.test.ts",
      "packages/transport/test/supervise/restart.test.ts",
      "packages/transport/test/supervise/pool/deaths.test.ts",
      "test/process/supervision.test.ts",
    ],
  },
  {
    id: "P9 honest failure",
    says: "a failed request says whether it can have run",
    soaks: {
      kills: ["  executed otherwise than told"],
      "reply-then-exit": ["  replies lost", "  exits told wrongly"],
      services: ["calls that ended otherwise", "callers that were told a lie"],
      pool: ["  idempotent", "without idempotent", "  p99", "  kill"],
    },
    tests: ["test/process/exit.test.ts", "packages/transport/test/errors.test.ts"],
  },
  {
    id: "P10 private",
    says: "only this user, this parent, this executable; no shell",
    tests: ["test/process/start.test.ts", "test/process/stray-prints.test.ts"],
  },
];
