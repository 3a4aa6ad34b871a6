import { expect, test } from "vitest";
import { lastWords } from "../../src/node/child/last-words.js";

const NODE = `/app/worker.js:3
    throw new TypeError("no such table");
    ^

TypeError: no such table
    at Object.<anonymous> (/app/worker.js:3:11) {
  [cause]: Error: behind it
}

Node.js v20.20.2
`;
const NODE_STRING = `node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

[UnhandledPromiseRejection: This error originated either by throwing inside of an async function] {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v20.20.2
`;
const PYTHON = `Traceback (most recent call last):
  File "worker.py", line 3, in <module>
    int("x")
ValueError: invalid literal for int() with base 10: 'x'
`;
const RUST = `thread 'main' panicked at src/main.rs:4:5:
index out of bounds: the len is 3 but the index is 7
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`;
const OLD_RUST = `thread 'main' panicked at 'boom', src/main.rs:4:5
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`;
const GO = `panic: runtime error: index out of range [7] with length 3

goroutine 1 [running]:
main.main()
`;

test.each([
  ["nothing", "", ""],
  ["blank lines", "\n\n", ""],
  ["one line", "I can't work like this\n", "I can't work like this"],
  ["log lines, the last of them without a reason", "starting\nready\nbye\n\n", "bye"],
  ["an error of Node with its stack and cause", NODE, "TypeError: no such table"],
  [
    "a promise that nobody caught",
    NODE_STRING,
    "[UnhandledPromiseRejection: This error originated either by throwing inside of an async function] {",
  ],
  [
    "a string that was thrown in Node",
    "/app/w.js:1\nthrow 'x'\n^\nboom\n(Use `node --trace-uncaught` ...)\n\nNode.js v20.1.0\n",
    "boom",
  ],
  ["a traceback of Python", PYTHON, "ValueError: invalid literal for int() with base 10: 'x'"],
  [
    "a panic of Rust",
    RUST,
    "thread 'main' panicked at src/main.rs:4:5: index out of bounds: the len is 3 but the index is 7",
  ],
  ["a panic of an older Rust", OLD_RUST, "thread 'main' panicked at 'boom', src/main.rs:4:5"],
  ["a panic of Go", GO, "panic: runtime error: index out of range [7] with length 3"],
  [
    "an exception of Java",
    'Exception in thread "main" java.lang.IllegalStateException: no\n\tat A.main(A.java:3)\n',
    'Exception in thread "main" java.lang.IllegalStateException: no',
  ],
  ["a line in colours", "\u001b[31merror: no input\u001b[0m\n", "error: no input"],
  ["lines of Windows", "Error: no\r\n    at x (y:1:1)\r\n", "Error: no"],
  [
    "what a handler failed with before, which is logged with a name in front",
    "procwire: the handler of add failed: TypeError: x\n    at y\nout of memory\n",
    "out of memory",
  ],
  ["an error far above", "Error: long ago\n" + "tick\n".repeat(300) + "bye\n", "bye"],
  ["a line without end", "x".repeat(5_000), "x".repeat(300) + "..."],
])("%s", (_, stderr, words) => {
  expect(lastWords(stderr)).toBe(words);
});

test("a flood of spaces does not hold the parent up", () => {
  const started = performance.now();
  lastWords(`${" ".repeat(60_000)}x`);
  lastWords("Error".repeat(12_000));
  lastWords("a.".repeat(30_000));
  expect(performance.now() - started).toBeLessThan(1_000);
});
