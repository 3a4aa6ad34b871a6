// Options that are wrong, and what is said of each.

import { MessagePackCodec } from "@procwire/codec-msgpack";
import {
  createChannel,
  createMemoryLinks,
  createStdioChannel,
  connectChannel,
  JsonCodec,
  LengthPrefixedFraming,
  listen,
  RpcError,
  serveStdio,
  StreamLink,
  type Channel,
  type ListenOptions,
  type ServiceTarget,
} from "@procwire/transport";

export interface WrongOption {
  /** As it stands in a program. */
  readonly code: string;
  readonly run: () => unknown;
  readonly error: typeof TypeError | typeof RangeError;
  readonly message: string;
}

/** A channel of which nobody hears. */
function open(): Channel {
  return createChannel({ link: createMemoryLinks()[0] });
}

type Run = (given: never) => unknown;
type Row = readonly [code: string, given: unknown, error: typeof TypeError | typeof RangeError, message: string];

function rows(name: string, call: Run, all: readonly Row[]): WrongOption[] {
  return all.map(([code, given, error, message]) => ({
    code: `${name}(${code})`,
    run: () => call(given as never),
    error,
    message,
  }));
}

const T = TypeError;
const R = RangeError;
const MS = "a number of milliseconds >= 0 (Infinity for never)";
const FRAMINGS = '"line-delimited", "length-prefixed", "content-length", "line", "length" or a framing';

const starts = rows("createStdioChannel", (given: object) => createStdioChannel("node", given), [
  ['"node", { timeOut: 500 }', { timeOut: 500 }, T, 'there is no option "timeOut". Did you mean timeout?'],
  ['"node", { timeoutMs: 500 }', { timeoutMs: 500 }, T, 'there is no option "timeoutMs". Did you mean timeout?'],
  ['"node", { arg: [] }', { arg: [] }, T, 'there is no option "arg". Did you mean args?'],
  ['"node", { onNosie: f }', { onNosie: () => 0 }, T, 'there is no option "onNosie". Did you mean onNoise?'],
  ['"node", { graceMs: 5 }', { graceMs: 5 }, T, 'there is no option "graceMs". Did you mean shutdown.graceMs?'],
  ['"node", { maxDepth: 5 }', { maxDepth: 5 }, T, 'there is no option "maxDepth". Did you mean limits.maxDepth?'],
  [
    '"node", { shell: true }',
    { shell: true },
    T,
    'there is no option "shell". The options are framing, codec, protocol, ',
  ],
  [
    '"node", { timeout: "500" }',
    { timeout: "500" },
    T,
    `timeout must be ${MS}, not "500". Write the number 500, without quotes.`,
  ],
  ['"node", { timeout: "soon" }', { timeout: "soon" }, T, `timeout must be ${MS}, not "soon".`],
  ['"node", { timeout: null }', { timeout: null }, T, `timeout must be ${MS}, not null.`],
  ['"node", { timeout: -1 }', { timeout: -1 }, R, `timeout must be ${MS}, not -1.`],
  ['"node", { timeout: NaN }', { timeout: NaN }, R, `timeout must be ${MS}, not NaN.`],
  [
    '"node", { framing: "lines" }',
    { framing: "lines" },
    R,
    `framing must be ${FRAMINGS}, not "lines". Did you mean "line"?`,
  ],
  [
    '"node", { framing: "Content-Length" }',
    { framing: "Content-Length" },
    R,
    `framing must be ${FRAMINGS}, not "Content-Length". Did you mean "content-length"?`,
  ],
  ['"node", { framing: "zip" }', { framing: "zip" }, R, `framing must be ${FRAMINGS}, not "zip".`],
  ['"node", { framing: 4 }', { framing: 4 }, T, `framing must be ${FRAMINGS}, not 4.`],
  [
    '"node", { framing: LengthPrefixedFraming }',
    { framing: LengthPrefixedFraming },
    T,
    "framing must be a framing, not the class LengthPrefixedFraming. Write new LengthPrefixedFraming().",
  ],
  [
    '"node", { framing: {} }',
    { framing: {} },
    T,
    "framing must be a framing, such as new LengthPrefixedFraming(): name of what was given is no string.",
  ],
  [
    '"node", { codec: {} }',
    { codec: {} },
    T,
    "codec must be a codec, such as new JsonCodec(): name of what was given is no string.",
  ],
  [
    '"node", { codec: { name, binary, encode } }',
    { codec: { name: "mine", binary: false, encode: () => "" } },
    T,
    "codec must be a codec, such as new JsonCodec(): decode of what was given is no function.",
  ],
  [
    '"node", { codec: "msgpack" }',
    { codec: "msgpack" },
    R,
    'codec must be "json", "raw" or a codec, not "msgpack". Write new MessagePackCodec(), from @procwire/codec-msgpack.',
  ],
  [
    '"node", { codec: MessagePackCodec }',
    { codec: MessagePackCodec },
    T,
    "codec must be a codec, not the class MessagePackCodec. Write new MessagePackCodec().",
  ],
  ['"node", { protocol: "lsp" }', { protocol: "lsp" }, R, 'protocol must be "json-rpc" or a protocol, not "lsp".'],
  ['"node", { whenFull: "block" }', { whenFull: "block" }, R, 'whenFull must be "fail" or "wait", not "block".'],
  ['"node", { whenFull: true }', { whenFull: true }, T, 'whenFull must be "fail" or "wait", not true.'],
  [
    '"node", { notificationOverflow: "drop-old" }',
    { notificationOverflow: "drop-old" },
    R,
    'notificationOverflow must be "drop-oldest" or "drop-newest", not "drop-old". Did you mean "drop-oldest"?',
  ],
  [
    '"node", { interceptors: log }',
    {
      interceptors: function log() {
        return 0;
      },
    },
    T,
    "interceptors must be an array of functions, not a function. Write interceptors: [log].",
  ],
  [
    '"node", { interceptors: [retry()] }',
    { interceptors: [undefined] },
    T,
    "interceptors[0] must be a function such as (call, next) => next(call), not undefined.",
  ],
  [
    '"node", { onError: console }',
    { onError: console },
    T,
    "onError must be a function that gets an error, not an object.",
  ],
  [
    '"node", { onNoise: "ignore" }',
    { onNoise: "ignore" },
    T,
    'onNoise must be a function that gets text, not "ignore".',
  ],
  [
    '"node", { stderr: "pipe" }',
    { stderr: "pipe" },
    R,
    'stderr must be "inherit", "ignore" or a function that gets each line, not "pipe". Give a function: it gets each line.',
  ],
  [
    '"node", { stderr: process.stderr }',
    { stderr: process.stderr },
    T,
    "stderr must be a function that gets each line, not an object.",
  ],
  [
    '"node", { args: "--quiet" }',
    { args: "--quiet" },
    T,
    'args must be an array of strings, not "--quiet". Write args: ["--quiet"].',
  ],
  [
    '"node", { args: "-l -a" }',
    { args: "-l -a" },
    T,
    'args must be an array of strings, not "-l -a". Write args: ["-l", "-a"].',
  ],
  ['"node", { args: ["--port", 80] }', { args: ["--port", 80] }, T, "args[1] must be a string, not 80."],
  [
    '"node", { args: ["a\\0b"] }',
    { args: ["a\0b"] },
    R,
    'args[0] must be a string without NUL characters, not "a\\u0000b".',
  ],
  ['"node", { cwd: 5 }', { cwd: 5 }, T, "cwd must be a path, or a URL that begins with file:, not 5."],
  [
    '"node", { cwd: new URL("http://x") }',
    { cwd: new URL("http://x") },
    T,
    "cwd must be a path, or a URL that begins with file:, not an object. Its URL begins with http:",
  ],
  ['"node", { env: "A=1" }', { env: "A=1" }, T, 'env must be an object of strings, such as { LANG: "C" }, not "A=1".'],
  ['"node", { env: { PORT: 80 } }', { env: { PORT: 80 } }, T, "env.PORT must be a string, not 80."],
  ['"node", { extendEnv: "no" }', { extendEnv: "no" }, T, 'extendEnv must be true or false, not "no".'],
  ['"node", { guard: 1 }', { guard: 1 }, T, "guard must be true or false, not 1."],
  ['"node", { answerPipe: null }', { answerPipe: null }, T, "answerPipe must be true or false, not null."],
  ['"node", { spinUs: -1 }', { spinUs: -1 }, R, "spinUs must be a number of microseconds from 0 to 10000, not -1."],
  [
    '"node", { spinUs: 20000 }',
    { spinUs: 20_000 },
    R,
    "spinUs must be a number of microseconds from 0 to 10000, not 20000.",
  ],
  [
    '"node", { signal: controller }',
    { signal: new AbortController() },
    T,
    "signal must be an AbortSignal, not an object. Write controller.signal.",
  ],
  ['"node", { shutdown: false }', { shutdown: false }, T, "shutdown must be an object, not false."],
  [
    '"node", { shutdown: { graceMs: -4 } }',
    { shutdown: { graceMs: -4 } },
    R,
    `shutdown.graceMs must be ${MS}, not -4.`,
  ],
  [
    '"node", { shutdown: { termMs: "1s" } }',
    { shutdown: { termMs: "1s" } },
    T,
    `shutdown.termMs must be ${MS}, not "1s".`,
  ],
  [
    '"node", { shutdown: { notify: true } }',
    { shutdown: { notify: true } },
    T,
    "shutdown.notify must be the name of a notification, or false for none, not true.",
  ],
  [
    '"node", { shutdown: { killMs: 5 } }',
    { shutdown: { killMs: 5 } },
    T,
    'there is no option "shutdown.killMs". The options are shutdown.notify, shutdown.graceMs, shutdown.termMs.',
  ],
  [
    '"node", { limits: { maxMessageByte: 5 } }',
    { limits: { maxMessageByte: 5 } },
    T,
    'there is no option "limits.maxMessageByte". Did you mean limits.maxMessageBytes?',
  ],
  [
    '"node", { limits: { maxMessageBytes: 1 } }',
    { limits: { maxMessageBytes: 1 } },
    R,
    "limits.maxMessageBytes must be a whole number from 128 to 536870911, not 1. A cancel must fit, and a string of V8 ends there.",
  ],
  [
    '"node", { limits: { maxDepth: 1.5 } }',
    { limits: { maxDepth: 1.5 } },
    R,
    "limits.maxDepth must be a whole number >= 0, not 1.5.",
  ],
  [
    '"node", { limits: { streamWindow: 0 } }',
    { limits: { streamWindow: 0 } },
    R,
    "limits.streamWindow must be a whole number >= 1, not 0.",
  ],
  ['"node", { limits: [] }', { limits: [] }, T, "limits must be an object, not an array."],
  ['"node", ["worker.js"]', ["worker.js"], T, "arguments go into the options: { args: [...] }."],
  ['"node", "--quiet"', "--quiet", T, 'the options must be an object, not "--quiet".'],
  ['"node", null', null, T, "the options must be an object, not null."],
]);

const commands = rows("createStdioChannel", (given: string) => createStdioChannel(given), [
  ["", undefined, T, "the command must be a path, or a URL that begins with file:, not undefined."],
  ['""', "", T, 'the command must be a path, or a URL that begins with file:, not "".'],
  ['["ls", "-la"]', ["ls", "-la"], T, "the command must be a path, or a URL that begins with file:, not an array."],
  [
    'new URL("https://x/worker.js")',
    new URL("https://x/worker.js"),
    T,
    "the command must be a path, or a URL that begins with file:, not an object. Its URL begins with https:",
  ],
]);

const opens = rows("createChannel", createChannel, [
  ["", undefined, T, "createChannel needs a link, or a readable and a writable stream."],
  [
    "{ readable: process.stdin }",
    { readable: process.stdin },
    T,
    "createChannel needs a link, or a readable and a writable stream.",
  ],
  [
    "{ readable: process.stdin, writable: {} }",
    { readable: process.stdin, writable: {} },
    T,
    "writable must be a writable stream, such as a socket or process.stdout: on of what was given is no function.",
  ],
  [
    "{ link: socket }",
    { link: { write: () => 0 } },
    T,
    "link must be a link: start, close, and send (of frames) or text and bytes (of bytes), not an object.",
  ],
  [
    "{ link, readable, writable }",
    { link: createMemoryLinks()[0], readable: process.stdin, writable: process.stdout },
    T,
    "createChannel takes a link, or a readable and a writable stream; not both.",
  ],
  [
    '{ link, framing: "line" }',
    { link: createMemoryLinks()[0], framing: "line" },
    T,
    "createChannel: a link of frames takes no framing. Leave the option out.",
  ],
  [
    "{ answerUnreadable: true }",
    { answerUnreadable: true },
    T,
    'there is no option "answerUnreadable". Did you mean answersUnreadable?',
  ],
  ["{ answersUnreadable: 1 }", { answersUnreadable: 1 }, T, "answersUnreadable must be true or false, not 1."],
]);

const serves = rows("serveStdio", (given: object) => serveStdio({}, given), [
  ["{}, { grace: 5 }", { grace: 5 }, T, 'there is no option "grace". Did you mean graceMs?'],
  ['{}, { graceMs: "5" }', { graceMs: "5" }, T, `graceMs must be ${MS}, not "5". Write the number 5, without quotes.`],
  ["{}, { watchParent: 0 }", { watchParent: 0 }, T, "watchParent must be true or false, not 0."],
  [
    "{}, { handlerInterceptors: {} }",
    { handlerInterceptors: {} },
    T,
    "handlerInterceptors must be an array of functions, not an object.",
  ],
  ["{}, { args: [] }", { args: [] }, T, 'there is no option "args". The options are framing, '],
]);

const PORT_RULE =
  'listen: every program on this machine can reach a port. Give a token, such as randomBytes(32).toString("base64url"); ' +
  "or client certificates: tls: { key, cert, ca }; or say insecure: true.";
const OPEN_RULE =
  "which others can reach, a service needs a token and TLS: token, tls: { key, cert }; or client certificates: tls: { key, cert, ca }.";

const listens = rows("listen", (given: ListenOptions) => listen({}, given), [
  ["{}, {}", {}, T, 'listen needs one of name, path and port, such as { name: "math" }.'],
  [
    "{}, { name, port }",
    { name: "a", port: 0 },
    T,
    'listen needs one of name, path and port, such as { name: "math" }.',
  ],
  [
    '{}, { name: "Math" }',
    { name: "Math" },
    R,
    'name must be a name of at most 63 characters: a-z, 0-9, and behind the first of them also . _ -, not "Math".',
  ],
  ["{}, { name: 5 }", { name: 5 }, T, "name must be the name of a service, a string, not 5."],
  ["{}, { nmae }", { nmae: "a" }, T, 'there is no option "nmae". Did you mean name?'],
  ['{}, { path: "" }', { path: "" }, T, 'path must be a path, or a URL that begins with file:, not "".'],
  ['{}, { port: "80" }', { port: "80" }, T, 'port must be the number of a port, not "80".'],
  ["{}, { port: 65536 }", { port: 65_536 }, R, "port must be the number of a port, from 0 to 65535, not 65536."],
  ["{}, { port: 0 }", { port: 0 }, T, PORT_RULE],
  ["{}, { port: 0, tls: { key, cert } }", { port: 0, tls: { key: "", cert: "" } }, T, PORT_RULE],
  [
    "{}, { port: 0, tls: { key, cert, requestCert: true } }",
    { port: 0, tls: { key: "", cert: "", requestCert: true } },
    T,
    PORT_RULE,
  ],
  [
    '{}, { port: 0, host: "0.0.0.0", insecure: true }',
    { port: 0, host: "0.0.0.0", insecure: true },
    T,
    `listen: on 0.0.0.0, ${OPEN_RULE}`,
  ],
  ['{}, { port: 0, host: "::", token }', { port: 0, host: "::", token: "secret" }, T, `listen: on ::, ${OPEN_RULE}`],
  [
    '{}, { name: "a", host }',
    { name: "a", host: "localhost" },
    T,
    "listen: the option host is for a port. Leave it out.",
  ],
  ['{}, { name: "a", tls }', { name: "a", tls: {} }, T, "listen: the option tls is for a port. Leave it out."],
  [
    "{}, { port: 0, tls: { certs } }",
    { port: 0, tls: { certs: "" } },
    T,
    'there is no option "tls.certs". Did you mean tls.cert?',
  ],
  ["{}, { port: 0, token: 5 }", { port: 0, token: 5 }, T, "token must be a string."],
  [
    '{}, { port: 0, token: "a\\nb" }',
    { port: 0, token: "a\nb" },
    R,
    "token must have 1 to 4000 bytes, and no control characters.",
  ],
  [
    '{}, { name: "a", maxConnections: 0 }',
    { name: "a", maxConnections: 0 },
    R,
    "maxConnections must be a whole number >= 1, not 0.",
  ],
]);

const connects = rows("connectChannel", (given: ServiceTarget) => connectChannel(given), [
  ["", undefined, T, 'connectChannel needs a target, such as "math" or { path }.'],
  ["5", 5, T, "the options must be an object, not 5."],
  ["{}", {}, T, "connectChannel: a target has one of name, path and port, such as { path }."],
  [
    '"/run/math.sock"',
    "/run/math.sock",
    R,
    "the target must be a name of at most 63 characters: a-z, 0-9, and behind the first of them also . _ -, " +
      'not "/run/math.sock". Write { path: "/run/math.sock" }.',
  ],
  ["{ path, host }", { path: "/a", host: "b" }, T, "connectChannel: the target's host goes with a port. Leave it out."],
  ["{ port: 0 }", { port: 0 }, R, "port must be the number of a port, from 1 to 65535, not 0."],
  ["{ port: 1, tls: 5 }", { port: 1, tls: 5 }, T, "tls must be true, or an object such as { ca }, not 5."],
  ["{ port: 1, tocken }", { port: 1, tocken: "a" }, T, 'there is no option "tocken". Did you mean token?'],
]);

const request = (given: object): Promise<unknown> => open().request("add", {}, given);
const requests = rows("channel.request", request, [
  ['"add", {}, { timeOut: 5 }', { timeOut: 5 }, T, 'add: there is no option "timeOut". Did you mean timeout?'],
  [
    '"add", {}, { timeout: "5" }',
    { timeout: "5" },
    T,
    `add: timeout must be ${MS}, not "5". Write the number 5, without quotes.`,
  ],
  ['"add", {}, { timeout: -5 }', { timeout: -5 }, R, `add: timeout must be ${MS}, not -5.`],
  ['"add", {}, { signal: "stop" }', { signal: "stop" }, T, 'add: signal must be an AbortSignal, not "stop".'],
  [
    '"add", {}, { onProgress: 5 }',
    { onProgress: 5 },
    T,
    "add: onProgress must be a function that gets each value, not 5.",
  ],
  ['"add", {}, { input: 7 }', { input: 7 }, T, "add: input must be iterable: an array, a generator, a stream, not 7."],
  ['"add", {}, 500', 500, T, "add: the options must be an object, such as { timeout: 5000 }, not 500."],
]);

const calls: readonly WrongOption[] = [
  ...rows("channel.request", (given) => open().request(given), [
    ["", undefined, T, "request needs the name of a method, a string; not undefined."],
  ]),
  ...rows("channel.notify", (given) => open().notify(given), [
    ["{}", {}, T, "notify needs the name of a method, a string; not an object."],
  ]),
  ...rows("channel.stream", (given) => open().stream("count", {}, given).next(), [
    ['"count", {}, { tiemout: 5 }', { tiemout: 5 }, T, 'count: there is no option "tiemout". Did you mean timeout?'],
  ]),
  ...rows("channel.remote.add", (given) => open().remote["add"]?.({}, given), [
    ["{}, { signl }", { signl: 0 }, T, 'add: there is no option "signl". Did you mean signal?'],
  ]),
  ...rows("channel.batch", (given) => open().batch(given), [
    ["{ method }", { method: "add" }, T, "batch needs an array of calls, not an object."],
    [
      "[{ method, param }]",
      [{ method: "add", param: {} }],
      T,
      'batch: there is no option "calls[0].param". Did you mean calls[0].params?',
    ],
    [
      '[{ method, notify: "yes" }]',
      [{ method: "add", notify: "yes" }],
      T,
      'batch: calls[0].notify must be true or false, not "yes".',
    ],
    ["[{}]", [{}], T, "batch needs the name of a method, a string; not undefined."],
  ]),
  ...rows("channel.batch", (given) => open().batch([{ method: "a" }], given), [
    ["[{ method }], { input: [] }", { input: [] }, T, "batch takes no input: send that request by itself."],
    ["[{ method }], { timeout: -1 }", { timeout: -1 }, R, `batch: timeout must be ${MS}, not -1.`],
  ]),
  ...rows("channel.onRequest", (given) => open().onRequest("add", given), [
    ['"add"', undefined, T, 'onRequest needs a function as the handler of "add", not undefined.'],
  ]),
  ...rows("channel.onNotification", (given) => open().onNotification(given), [
    ["5", 5, T, "onNotification needs the name of a method, a string, or a function for all methods; not 5."],
  ]),
  ...rows("new JsonCodec", (given) => new JsonCodec(given), [
    [
      '{ bigIntegers: "bigInt" }',
      { bigIntegers: "bigInt" },
      R,
      'JsonCodec: bigIntegers must be "reject", "bigint", "string" or "number", not "bigInt". Did you mean "bigint"?',
    ],
    ["{ lossy: 1 }", { lossy: 1 }, T, "JsonCodec: lossy must be true or false, not 1."],
    ["{ maxdepth: 5 }", { maxdepth: 5 }, T, 'JsonCodec: there is no option "maxdepth". Did you mean maxDepth?'],
    [
      '{ maxDepth: "5" }',
      { maxDepth: "5" },
      T,
      'JsonCodec: maxDepth must be a whole number >= 0, not "5". Write the number 5, without quotes.',
    ],
    [
      "{ decodeText: true }",
      { decodeText: true },
      T,
      "JsonCodec: decodeText must be a function that gets bytes and returns their text, not true.",
    ],
  ]),
  ...rows("new MessagePackCodec", (given) => new MessagePackCodec(given), [
    ["{ depth: 5 }", { depth: 5 }, T, 'MessagePackCodec: there is no option "depth". The only one is maxDepth.'],
    ["{ maxDepth: 0 }", { maxDepth: 0 }, R, "MessagePackCodec: maxDepth must be a whole number >= 1, not 0."],
    ["5", 5, T, "MessagePackCodec: the options must be an object, such as { maxDepth: 64 }, not 5."],
  ]),
  ...rows("new StreamLink", (given) => new StreamLink(given, process.stdout), [
    [
      "{}, process.stdout",
      {},
      T,
      "StreamLink: readable must be a readable stream, such as a socket or process.stdin: on of what was given is no function.",
    ],
  ]),
  ...rows("new RpcError", (given) => new RpcError(-32_000, "busy", given), [
    ['-32000, "busy", { date: 5 }', { date: 5 }, T, 'RpcError: there is no option "date". Did you mean data?'],
    ['-32000, "busy", "later"', "later", T, 'RpcError: the details must be an object, such as { data }, not "later".'],
  ]),
];

/** The functions of which each message begins with the name. */
function prefixed(name: string, all: readonly WrongOption[]): WrongOption[] {
  return all.map((row) => ({
    ...row,
    message: row.message.startsWith(name) ? row.message : `${name}: ${row.message}`,
  }));
}

export const wrongOptions: readonly WrongOption[] = [
  ...prefixed("createStdioChannel", [...commands, ...starts]),
  ...prefixed("createChannel", opens),
  ...prefixed("serveStdio", serves),
  ...prefixed("listen", listens),
  ...prefixed("connectChannel", connects),
  ...requests,
  ...calls,
];
