// The points of the hostile soak are all that there are: what users supply, by the types of the entries, has its row.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../support/paths.js";
import { behaviours } from "./behaviours.js";
import { nameOf } from "./contract.js";
import { known } from "./known.js";
import { points } from "./points/index.js";
import { suppliedByUsers } from "./supplied.js";
import { allTrials } from "./trials.js";

/** What is supplied and is no place where code of a user's runs, or one of another row. Each with its reason. */
const NO_POINTS: readonly { readonly names: RegExp; readonly because: string }[] = [
  { names: /^(Array|ReadonlyArray|ReadonlyMap|Promise|URL|ErrorOptions)$/, because: "the language's own" },
  { names: /^(Uint8Array|Buffer|ArrayBuffer|SharedArrayBuffer)$/, because: "bytes" },
  { names: /^(Readable|Writable)$/, because: "streams catch what their code throws, and tell it as an event" },
  { names: /^(Codec|Framing|Protocol)\.name$/, because: "read for the message of an error at the start only" },
  {
    names: /^Wire\.anew/,
    because: "called once, before a channel is there: what it throws rejects the call that opens it",
  },
  {
    names: /^(AboutRequest|ErrorMessage|ErrorObject|\w+Message|MessageHead|ExactId)\./,
    because: "made by Wire.decode and Wire.peek, whose proxies fail at each of them",
  },
  { names: /^FrameDecoder\.finish(?:\(\))?$/, because: "called where next is, by the same guarded function" },
  { names: /^(ByteSink|LinkReceiver|ByteReceiver)\./, because: "a part of a link, or ours wrapped by it" },
  { names: /^(Dialect|Control)\./, because: "data of ours, handed to a protocol of the user's" },
  {
    names: /^((Fields|Goodbye|Hello|Report|Wishes)\.|\w+Options\.dialect$)/,
    because: "of a dialect: data and pure functions, ours in nearly every program",
  },
  { names: /^(Place|AlteredNumberError)\./, because: "made by a codec of ours, for a codec of the user's to throw" },
  { names: /^IsLeft\(\)$/, because: "ours, handed to a codec of the user's" },
  {
    names: /^RetryOptions\./,
    because: 'read when the interceptor is made, by the user\'s own call; "interceptors" has the rest',
  },
  {
    names: /^(OutgoingCall\.|RequestInterceptor\.next)/,
    because: "handed by a channel to the interceptor that retry() makes",
  },
  {
    names: /^(StdioPoolOptions|PoolCommand|RecycleOptions|NotifyOptions|DrainOptions)\./,
    because: "read once, before anything is started, by what reads the options of channels, which have rows",
  },
  { names: /^Pool\.notify\.params$/, because: "handed on; it is the value of notify of other rows" },
  { names: /^ChannelEventHandler$/, because: "the type of onEvent's handler" },
  {
    names: /^(ChannelError(Details)?|PastExit)\./,
    because: "given to the receiver of a link, by a link of the user's",
  },
  { names: /^(JsonCodec|RawCodec|MessagePackCodec)\.(encode|stringify)\.value$/, because: "called by the user" },
  {
    names: /^(Codec\.encode|Wire\.\w+)\.(value|params|result)$/,
    because: "handed on; they are the values of the other rows",
  },
  { names: /\.atTurnEnd\.callback\(\)$/, because: "called by a user's own code, on a link of ours" },
  { names: /^(HandlerOf\(\)|validated\.handler\(\))$/, because: "a handler, which has rows of its own" },
  { names: /^RequestContext\./, because: "ours, handed to handlers" },
  {
    names: /^(ListenOptions|ConnectOptions|ServiceTargetOptions|ServiceTlsOptions|ClientTlsOptions)\.\w+$/,
    because:
      "read once, before anything is opened, by what reads the options of the rows; in channels they are the same",
  },
  {
    names: /^(ListenOptions\.onConnection|ClientTlsOptions\.checkServerIdentity)\(\)$/,
    because: "test/services/hostile-users.test.ts has them throw, close and reject",
  },
  {
    names: /^(KeyObject|PxfObject)$/,
    because: "for Node's tls, which reads them when the server or the socket is made",
  },
  { names: /^(StandardSchema|SchemaIssue)\./, because: "called inside of a handler: its failures are the handler's" },
  { names: /^RequestOptions\.onProgress\.value$/, because: "handed on as it came" },
];

const supplied = suppliedByUsers();
const covered = new Set(points.flatMap(({ covers }) => covers));

test("whatever users supply has a row in the table of points, or a reason for none", () => {
  const isAccountedFor = (name: string): boolean =>
    covered.has(name) || NO_POINTS.some(({ names }) => names.test(name));
  expect(supplied.filter((name) => !isAccountedFor(name))).toEqual([]);
});

test("no row and no reason stands for what is not supplied", () => {
  // Recognised by its shape, and named by no type of an option.
  const isSupplied = (name: string): boolean =>
    supplied.includes(name) || supplied.includes(name.replace("()", "")) || name.startsWith("JsonTextCodec.");
  expect([...covered].filter((name) => !isSupplied(name))).toEqual([]);
  expect(NO_POINTS.filter(({ names }) => !supplied.some((name) => names.test(name)))).toEqual([]);
});

test("the walk over the types sees callbacks, options, layers, values and foreign types", () => {
  for (const name of ["CreateChannelOptions.onError()", "Limits.maxDepth", "Wire.decode()", "Channel.request.params"]) {
    expect(supplied).toContain(name);
  }
  expect(supplied).toContain("AbortSignal");
  expect(supplied.length).toBeGreaterThan(200);
});

test("subscribers of diagnostics_channel, which no type names, are called from one file; another subscribes itself", () => {
  const folder = join(root, "packages", "transport", "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => readFileSync(join(folder, path), "utf8").includes("node:diagnostics_channel"));
  expect(files.map((path) => path.replaceAll("\\", "/")).sort()).toEqual([
    "node/child/spawn-worker.ts",
    "node/diagnostics.ts",
  ]);
  expect(points.some(({ name }) => name.startsWith("diagnostics/"))).toBe(true);
});

test("names of points and behaviours are unique but for the codec, and are parts of a trial's name", () => {
  for (const { name } of [...points, ...behaviours]) expect(name).not.toContain(":");
  expect(new Set(behaviours.map(({ name }) => name)).size).toBe(behaviours.length);
  const rows = points.map(({ name, codecs, sides }) => [name, codecs, sides].join());
  expect(new Set(rows).size).toBe(points.length);
});

test("each exception names behaviours that there are", () => {
  const names = behaviours.map(({ name }) => name);
  for (const { except } of points) for (const name of except?.behaviours ?? []) expect(names).toContain(name);
});

test("what is known to be broken is a part of the trials", () => {
  const names = allTrials().map(nameOf);
  for (const { trials } of known) expect(names.filter((name) => trials.test(name)).length).toBeGreaterThan(0);
});
