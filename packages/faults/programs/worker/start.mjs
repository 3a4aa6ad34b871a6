// The worker itself: reads its arguments, then its stdin. Plain JavaScript that imports nothing else of this project, so
// that it starts at once and shares no code with what it tests. The requests get the faults that take the place of an
// answer, one each, in their order; without any fault, a request's method names its fault. The twin of these methods in
// Rust is test/fixtures/faulty-rust.

import { openSync, writeSync } from "node:fs";
import { faultOfMethod, parseFault, problemWith } from "./faults.mjs";
import { FrameReader, FRAMINGS, isFraming } from "./framing.mjs";
import { honestResult, isManners } from "./honest.mjs";
import { hearAnswer, tools } from "./tools.mjs";
import { answer, state } from "./wire.mjs";

/**
 * @typedef {import("./wire.mjs").Id} Id
 * @typedef {import("./wire.mjs").Params} Params
 * @typedef {{ id?: Id, method?: string, params?: Params }} Message
 * @typedef {{ readonly words: string[], readonly framing: string, readonly after: number, readonly always: boolean }} Arguments
 */

/** @param {readonly string[]} args @returns {Arguments} */
function readArguments(args) {
  const words = [...args];
  /** @param {string} name @param {string} usual */
  const take = (name, usual) => {
    const at = words.indexOf(name);
    return at === -1 ? usual : (words.splice(at, 2)[1] ?? "");
  };
  const framing = take("--framing", "line");
  const after = Number(take("--after", "0"));
  return { words: words.filter((word) => word !== "--always"), framing, after, always: words.includes("--always") };
}

/** What is wrong with the arguments; `undefined` if nothing is. @param {readonly string[]} args */
export function checkArguments(args) {
  const { words, framing, after } = readArguments(args);
  if (!isFraming(framing)) return `--framing must be line, content-length or length, not "${framing}".`;
  if (!Number.isSafeInteger(after) || after < 0) return "--after needs a number of requests.";
  const [problem] = words.map(problemWith).filter((found) => found !== undefined);
  if (problem !== undefined) return problem;
  const unfit = words.map(parseFault).find((chosen) => !(chosen?.fault.framing ?? framing).includes(framing));
  return unfit === undefined
    ? undefined
    : `${unfit.name} needs --framing ${unfit.fault.framing?.replace(", ", " or ")}.`;
}

/** Whether no fault is named. @param {readonly string[]} args */
export function namesNoFault(args) {
  return readArguments(args).words.length === 0;
}

/**
 * Words that are no faults are left alone: `checkArguments` tells of them.
 *
 * @param {readonly string[]} args
 * @param {boolean} hasMethods  a request's method names its fault
 */
export function startWorker(args, hasMethods) {
  const { words, framing, after, always } = readArguments(args);
  if (isFraming(framing)) state.framing = FRAMINGS[framing];
  const chosen = words.flatMap((word) => parseFault(word) ?? []);
  const instead = chosen.filter(({ fault }) => fault.when === "request");
  const log = openLog();
  let requests = 0;

  /** @param {Message} message */
  const receive = (message) => {
    log(message);
    const { id, method, params } = message;
    if (method === undefined) hearAnswer(message);
    else if (id === undefined) hearNotification(method);
    else if (hasMethods) callByName(id, method, params);
    else if (isManners(method)) answer(id, honestResult(method, params));
    else misbehave(id, method, params);
  };

  /** @param {Id} id @param {string} method @param {Params | undefined} params */
  const misbehave = (id, method, params) => {
    const result = honestResult(method, params);
    const at = requests - after;
    const turn = instead[always ? Math.max(at, 0) % instead.length : at];
    requests += 1;
    if (turn === undefined || at < 0) answer(id, result);
    else turn.fault.act({ id, result }, /** @type {Params} */ (turn.params));
  };

  listen(receive);
  for (const { fault, params } of chosen) {
    if (fault.when === "start") fault.act({ id: undefined, result: undefined }, /** @type {Params} */ (params));
  }
}

/** @param {Id} id @param {string} method @param {Params | undefined} params */
function callByName(id, method, params) {
  const given = /** @type {Params} */ (params ?? {});
  const fault = faultOfMethod(method);
  if (fault !== undefined) fault.act({ id, result: undefined }, { ...fault.usual, ...given });
  else if (Object.hasOwn(tools, method)) tools[method]?.(id, given);
}

/** @param {string} method */
function hearNotification(method) {
  const isFarewell = method === "shutdown" || method === "exit";
  if (isFarewell && !state.isDeaf && !state.isMute) process.exit(0);
}

/** @param {(message: Message) => void} receive */
function listen(receive) {
  const reader = new FrameReader(state.framing);
  process.stdin.on("data", (/** @type {Buffer} */ chunk) => {
    for (const payload of reader.push(chunk)) if (!state.isMute) receive(parse(payload));
  });
}

/** @param {Buffer} payload @returns {Message} */
function parse(payload) {
  /** @type {unknown} */
  const message = JSON.parse(payload.toString());
  return /** @type {Message} */ (message);
}

/**
 * A line per executed request, in one write and before the request is executed: what the parent says of a lost one can be
 * checked by it.
 * @returns {(message: Message) => void}
 */
function openLog() {
  const file = process.env["PROCWIRE_TEST_EXECUTED"];
  if (file === undefined) return () => undefined;
  const log = openSync(file, "a");
  return ({ id, method, params }) => {
    if (id !== undefined && method !== undefined) writeSync(log, `${params?.key ?? ""} ${method}\n`);
  };
}
