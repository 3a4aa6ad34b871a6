// The methods of the conformance sessions, in Node: see ../README.md.

import { parseArgs } from "node:util";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import {
  ContentLengthFraming,
  JsonCodec,
  LengthPrefixedFraming,
  LineDelimitedFraming,
  RpcError,
  serveStdio,
} from "@procwire/transport/worker";

const { values } = parseArgs({
  options: { framing: { type: "string", default: "line" }, codec: { type: "string", default: "json" } },
});
const framings = {
  line: () => new LineDelimitedFraming(),
  length: () => new LengthPrefixedFraming(),
  "content-length": () => new ContentLengthFraming(),
};

/** Params by name, or in this order by position. @param {any} params @param {string[]} names */
function read(params, ...names) {
  const given = Array.isArray(params) ? params : names.map((name) => params?.[name]);
  for (const [at, name] of names.entries()) {
    if (given[at] === undefined) throw new RpcError(-32602, `Invalid params: ${name} is missing`);
  }
  return given;
}

/** @type {Record<string, (params: any, context: import("@procwire/transport/worker").RequestContext) => unknown>} */
const methods = {
  add: (params) => {
    const [a, b] = read(params, "a", "b");
    if (typeof a !== "number" || typeof b !== "number") throw new RpcError(-32602, "a and b must be numbers");
    return a + b;
  },
  echo: (params) => read(params, "message")[0],
  wait: (_params, { signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
  compute: ({ ms }) => new Promise((resolve) => setTimeout(() => resolve(ms), ms)),
  fail: ({ code, message, data }) => {
    throw new RpcError(code, message, { data });
  },
  crash: () => {
    throw new Error("the handler failed");
  },
  count: async function* ({ to }) {
    for (let number = 0; number < to; number++) yield number;
    return to;
  },
  total: async (_params, { input }) => {
    let sum = 0;
    for await (const number of input) sum += number;
    return sum;
  },
  steps: async ({ n }, context) => {
    for (let step = 1; step <= n; step++) await context.progress(step);
    return n;
  },
  ask: ({ method, params }, context) => context.request(method, params),
  tell: async ({ method, params }) => {
    await channel.notify(method, params);
  },
  print: ({ text }) => {
    console.log(text);
  },
};

const channel = serveStdio(methods, {
  framing: framings[/** @type {keyof typeof framings} */ (values.framing)](),
  codec: values.codec === "msgpack" ? new MessagePackCodec() : new JsonCodec(),
  logHandlerErrors: false,
});
