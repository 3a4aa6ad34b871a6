import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { workerCommand, workerFaults, type WorkerFault } from "../src/index.js";
import { isAlive } from "../src/processes.js";
import { Seen, start } from "./support.js";

const HONEST = { a: 1 };

/** What a parent sees after its first request, which has the id 1. */
type Look = (seen: Seen) => Promise<void>;

function exits(how: number | string): Look {
  return (seen) => seen.until(() => seen.exit === how, `exits with ${how}`);
}

function prints(text: string | RegExp): Look {
  const fits = (out: string): boolean => (typeof text === "string" ? out.includes(text) : text.test(out));
  return (seen) => seen.until(() => fits(seen.out.toString("latin1")), `prints ${String(text)}`);
}

/** It says nothing and lives: that it does not is told by the request after it, or by the system. */
function inState(state: string): Look {
  const read = (pid: number): string => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "";
  return (seen) => seen.until(() => read(seen.pid).startsWith(state), `is in the state ${state}`);
}

const answered: Look = (seen) => seen.until(() => seen.answers(1).length === 1, "answers");

async function nextIsAnswered(seen: Seen, id: unknown = 2): Promise<void> {
  seen.request(id);
  await seen.until(() => seen.answers(id).length > 0, "answers the next request");
}

const silent: Look = async (seen) => {
  await nextIsAnswered(seen);
  expect(seen.answers(1)).toEqual([]);
};

const LOOKS: Readonly<Record<string, Look>> = {
  "exit-at-once": async (seen) => {
    await exits(9)(seen);
    expect(seen.err).toBe("I can't work like this\n");
  },
  exit: exits(3),
  kill: exits("SIGKILL"),
  crash: exits(1),
  "reject-unheard": exits(1),
  overflow: exits(1),
  "reply-then-exit": async (seen) => {
    await exits(4)(seen);
    await answered(seen);
  },
  "half-then-exit": async (seen) => {
    await exits(0)(seen);
    await prints(/^\{"jsonrpc":[^\n]*$/)(seen);
  },
  stubborn: async (seen) => {
    await answered(seen);
    seen.kill("SIGTERM");
    await nextIsAnswered(seen);
  },
  deaf: async (seen) => {
    await answered(seen);
    seen.request(undefined, "shutdown");
    await nextIsAnswered(seen);
    seen.endStdin();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAlive(seen.pid)).toBe(true);
  },
  "close-then-exit": async (seen) => {
    await exits(6)(seen);
    expect(seen.hasEndedStdout).toBe(true);
  },
  mute: async (seen) => {
    seen.request(2, "initialize");
    seen.endStdin();
    await exits(0)(seen);
    expect(seen.frames).toEqual([]);
  },
  never: silent,
  later: async (seen) => {
    await nextIsAnswered(seen);
    expect(seen.answers(1)).toEqual([]);
    await answered(seen);
  },
  drip: answered,
  spin: inState("R"),
  stop: inState("T"),
  "stop-reading": async (seen) => {
    await answered(seen);
    seen.request(2, "large", "x".repeat(1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.writable).toBeGreaterThan(100_000);
  },
  "close-stdin": async (seen) => {
    await answered(seen);
    await seen.until(() => !readdirSync(`/proc/${seen.pid}/fd`).includes("0"), "has no stdin");
    expect(isAlive(seen.pid)).toBe(true);
  },
  "close-stdout": async (seen) => {
    await seen.until(() => seen.hasEndedStdout, "ends its stdout");
    expect(isAlive(seen.pid)).toBe(true);
    expect(seen.answers(1)).toEqual([]);
  },
  "leave-grandchild": async (seen) => {
    await answered(seen);
    seen.endStdin();
    await exits(0)(seen);
    expect(seen.hasEndedStdout).toBe(false);
  },
  "grandchild-then-exit": async (seen) => {
    await exits(5)(seen);
    expect(seen.hasEndedStdout).toBe(false);
  },
  "reply-twice": (seen) => seen.until(() => seen.answers(1).length === 2, "answers twice"),
  "answer-unknown": async (seen) => {
    await answered(seen);
    expect(seen.answers(123456)).toHaveLength(1);
  },
  forge: async (seen) => {
    await answered(seen);
    expect(seen.answers(2)).toHaveLength(1);
  },
  "id-of-other-type": (seen) => seen.until(() => seen.answers("1").length === 1, "answers a text"),
  complain: async (seen) => {
    await answered(seen);
    expect(seen.answers(null)).toMatchObject([{ error: { code: -32700 } }]);
  },
  "only-complain": (seen) => seen.until(() => seen.answers(null).length === 1, "complains"),
  "both-members": async (seen) => {
    await answered(seen);
    expect(Object.keys(seen.answers(1)[0]!)).toEqual(["jsonrpc", "id", "result", "error"]);
  },
  "neither-member": async (seen) => {
    await answered(seen);
    expect(Object.keys(seen.answers(1)[0]!)).toEqual(["jsonrpc", "id"]);
  },
  "error-is-text": async (seen) => {
    await answered(seen);
    expect(seen.answers(1)).toMatchObject([{ error: "it failed" }]);
  },
  "in-a-batch": prints('[{"jsonrpc":"2.0","id":1,"result":{"a":1}}]\n'),
  large: (seen) => seen.until(() => seen.frames.some((text) => text.length > 80_000_000), "answers with 80 MB"),
  deep: (seen) => seen.until(() => seen.frames.some((text) => text.includes("[".repeat(100_000))), "nests"),
  "many-values": (seen) => seen.until(() => seen.frames.some((text) => text.length > 10_000_000), "has many values"),
  "prototype-key": prints('"result":{"__proto__":'),
  "flood-notifications": async (seen) => {
    await answered(seen);
    expect(seen.frames).toHaveLength(200_001);
  },
  "flood-requests": async (seen) => {
    await answered(seen);
    expect(seen.frames).toHaveLength(10_001);
  },
  "lie-short": prints("Content-Length: 31\r\n"),
  "lie-long": prints("Content-Length: 51\r\n"),
  "lie-huge": prints(/Content-Length: 42949670\d\d\r\n/),
  "lie-negative": prints("Content-Length: -5\r\n"),
  banner: prints(/^> worker@1/),
  garbage: async (seen) => {
    await answered(seen);
    expect(seen.frames).toHaveLength(5);
  },
  print: prints(/^Loading 100 % \{"jsonrpc"/),
  "print-json": prints('\n[1,2]\n"text"\nnull\n{"jsonrpc"'),
  "invalid-utf8": prints('"text":"\xff\xfe\xc3('),
  endless: (seen) => seen.until(() => seen.out.length > 900_000 && seen.frames.length === 0, "does not end its line"),
  warn: async (seen) => {
    await answered(seen);
    await seen.until(() => seen.err === "careful\n", "warns");
  },
  "flood-stderr": (seen) => seen.until(() => seen.err.length > 50_000_000, "floods"),
  lie: prints(/^\0\0\0\0$/),
};

test("every fault is tried here", () => {
  expect(
    workerFaults()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(Object.keys(LOOKS).sort());
});

describe.skipIf(process.platform !== "linux")("a worker that", () => {
  test.each(workerFaults().map((fault): [string, WorkerFault] => [`${fault.what}: ${fault.name}`, fault]))(
    "%s",
    async (_, { name, framings: [framing = "line"] = [] }) => {
      const seen = start(name, { framing });
      seen.request(1);
      await LOOKS[name]!(seen);
    },
  );
});

test("the first request gets the first fault, the next one the second, and those after them are answered", async () => {
  const seen = start(["never", "reply-twice"]);
  for (const id of [1, 2, 3]) seen.request(id);
  await seen.until(() => seen.answers(3).length === 1, "answers the third");
  expect([1, 2, 3].map((id) => seen.answers(id).length)).toEqual([0, 2, 1]);
  expect(seen.answers(3)).toMatchObject([{ result: HONEST }]);
});

test("so many requests as --after says are answered before", async () => {
  const seen = start("exit=7", { after: 2 });
  for (const id of [1, 2, 3]) seen.request(id);
  await exits(7)(seen);
  expect([1, 2, 3].map((id) => seen.answers(id).length)).toEqual([1, 1, 0]);
});

test("with --always, each request gets a fault", async () => {
  const seen = start("reply-twice", { always: true });
  for (const id of [1, 2, 3]) seen.request(id);
  await seen.until(() => seen.answers(3).length === 2, "answers the third twice");
  expect(seen.answers(2)).toHaveLength(2);
});

test("a handshake gets no fault: as of a language server, as of an MCP server", async () => {
  const seen = start("exit");
  seen.request(1, "initialize", { capabilities: {} });
  seen.request(2, "initialize", { protocolVersion: "2025-06-18" });
  seen.request(3, "tools/list");
  await seen.until(() => seen.answers(3).length === 1, "lists its tools");
  expect(seen.answers(1)).toMatchObject([{ result: { capabilities: {} } }]);
  expect(seen.answers(2)).toMatchObject([{ result: { protocolVersion: "2025-06-18" } }]);
  seen.request(4, "tools/call", { name: "any" });
  await exits(3)(seen);
});

test.each(["line", "content-length", "length"] as const)("it speaks the framing %s", async (framing) => {
  const seen = start("never", { framing });
  for (const id of [1, 2]) seen.request(id, "any", { text: "ä€" });
  await seen.until(() => seen.answers(2).length === 1, "answers the second");
  expect(seen.answers(2)).toMatchObject([{ result: { text: "ä€" } }]);
});

test("without faults it has a method for each, and their params", async () => {
  const seen = start([]);
  seen.request(1, "replyThenExit", { value: 5, code: 8 });
  await exits(8)(seen);
  await seen.until(() => seen.answers(1).length === 1, "answers");
  expect(seen.answers(1)).toMatchObject([{ result: 5 }]);
});

test.each([
  ["nevr", "There is no fault named nevr"],
  ["exit=x", "exit takes a whole number, but got exit=x."],
  ["never=1", "never takes no value, but got never=1."],
])("a wrong word, %s, is refused", async (word, problem) => {
  expect(() => workerCommand(word)).toThrow(problem);
  const { command, args } = workerCommand();
  const seen = new Seen({ command, args: [args[0]!, word] });
  await exits(2)(seen);
  expect(seen.err).toContain(problem);
});

test.each([
  [["lie-short"], "lie-short needs --framing content-length or length."],
  [["--framing", "lines"], '--framing must be line, content-length or length, not "lines".'],
  [["--after", "x"], "--after needs a number of requests."],
])("wrong options, %j, are refused", async (words, problem) => {
  const { command, args } = workerCommand();
  const seen = new Seen({ command, args: [args[0]!, ...words] });
  await exits(2)(seen);
  expect(seen.err).toBe(`${problem}\n`);
});
