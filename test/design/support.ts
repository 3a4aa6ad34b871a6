/** The calls of the design's example, in its order, and the results that it prints. */
export const exampleCalls: readonly (readonly [method: string, params: object, result: unknown])[] = [
  ["add", { a: 42, b: 58 }, 100],
  ["multiply", { a: 12, b: 34 }, 408],
  ["fibonacci", { n: 30 }, 832040],
  ["is_prime", { n: 17 }, true],
  ["is_prime", { n: 1000000007 }, true],
  ["sum_array", { numbers: Array.from({ length: 1000 }, (_, at) => at + 1) }, 500500],
  ["echo", { message: "Hello from Node.js!" }, "Hello from Node.js!"],
];

/** What the worker logs meanwhile. */
export const exampleLog: readonly string[] = [
  "Rust worker started",
  ...exampleCalls.map(([method]) => `Processed ${method}`),
  "Shutting down...",
];
