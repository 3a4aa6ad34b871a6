// One session, played to a worker. Throws with words where the worker says something else.

import { isDeepStrictEqual } from "node:util";

import { filledIn, isMessage, isObject, isSameSet } from "./match.mjs";
import { framed } from "./wire.mjs";

/** @typedef {import("./worker.mjs").WorkerProcess} WorkerProcess */
/** @typedef {Record<string, any>} Step */
/** @typedef {{ name: string, rule: string, level?: string, framing?: string, codec?: string, fresh?: boolean, large?: boolean, steps: Step[] }} Session */

let markers = 0;

/**
 * @param {WorkerProcess} worker
 * @param {Session} session
 */
export async function play(worker, session) {
  /** @type {Map<string, unknown>} */
  const names = new Map();
  for (const [at, step] of session.steps.entries()) {
    try {
      await playStep(worker, step, names);
    } catch (error) {
      throw new Error(
        `step ${at + 1} of ${session.steps.length}, ${shown(step)}: ${/** @type {Error} */ (error).message}`,
        { cause: error },
      );
    }
  }
}

/**
 * @param {WorkerProcess} worker
 * @param {Step} step
 * @param {Map<string, unknown>} names
 */
async function playStep(worker, step, names) {
  send(worker, step, names);
  if (step["close"] === true) worker.end();
  for (const expected of step["expect"] ?? []) await expectOne(worker, expected, names);
  if (step["expectInAnyOrder"] !== undefined) await expectSet(worker, step["expectInAnyOrder"], names);
  if (step["expectLast"] !== undefined) await expectLast(worker, step, names);
  if (step["expectLong"] !== undefined) await expectLong(worker, step["id"], step["expectLong"]);
  if (step["quiet"] === true) await expectQuiet(worker);
  if (step["exit"] !== undefined) await expectExit(worker, step["exit"]);
}

/**
 * @param {WorkerProcess} worker
 * @param {Step} step
 * @param {Map<string, unknown>} names
 */
function send(worker, step, names) {
  const { codec, variant } = worker;
  if (step["sendText"] !== undefined) worker.sendFrame(Buffer.from(step["sendText"]));
  if (step["sendHex"] !== undefined) worker.sendFrame(Buffer.from(step["sendHex"], "hex"));
  if (step["sendBytes"] !== undefined) worker.write(Buffer.from(step["sendBytes"]));
  if (step["sendLong"] !== undefined) {
    const params = { message: "x".repeat(step["sendLong"]) };
    worker.sendFrame(codec.encode({ jsonrpc: "2.0", id: step["id"], method: "echo", params }));
  }
  const { repeat } = step;
  const messages =
    repeat === undefined ? (step["send"] ?? []) : [Array.from({ length: repeat.count }, () => repeat.message)];
  const frames = messages.map((/** @type {unknown} */ message) =>
    framed(variant.framing, codec.encode(filledIn(message, names))),
  );
  if (frames.length === 0) return;
  const bytes = Buffer.concat(frames);
  const size = step["pieces"] ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) worker.write(bytes.subarray(at, at + size));
}

/**
 * @param {WorkerProcess} worker
 * @param {unknown} expected
 * @param {Map<string, unknown>} names
 */
async function expectOne(worker, expected, names) {
  const actual = await nextMessage(worker, expected);
  if (!isMessage(expected, actual, names)) throw new Error(`expected ${shown(expected)}, and got ${shown(actual)}`);
}

/** @param {unknown} message */
function itemsOf(message) {
  const params = isObject(message) ? message["params"] : undefined;
  return isObject(params) && Array.isArray(params["items"]) ? params["items"] : undefined;
}

/**
 * The next message. A stream's items may come in any number of messages: those that follow each other count as one.
 * @param {WorkerProcess} worker
 * @param {unknown} expected
 */
async function nextMessage(worker, expected) {
  const message = await worker.next();
  const [wanted, items] = [itemsOf(expected), itemsOf(message)];
  if (wanted === undefined || items === undefined || !isObject(message)) return message;
  const all = [...items];
  while (all.length < wanted.length) {
    const next = await worker.next();
    const more = itemsOf(next);
    if (more === undefined) {
      worker.unread(next);
      break;
    }
    all.push(...more);
  }
  return { ...message, params: { .../** @type {object} */ (message["params"]), items: all } };
}

/**
 * @param {WorkerProcess} worker
 * @param {unknown[]} expected
 * @param {Map<string, unknown>} names
 */
async function expectSet(worker, expected, names) {
  const actual = [];
  while (actual.length < expected.length) actual.push(await worker.next());
  if (!isSameSet(expected, actual, names)) throw new Error(`expected ${shown(expected)}, and got ${shown(actual)}`);
}

/**
 * The answer, after any number of notifications, of which the last is `before`.
 * @param {WorkerProcess} worker
 * @param {Step} step
 * @param {Map<string, unknown>} names
 */
async function expectLast(worker, step, names) {
  let before;
  let message = await worker.next();
  while (isObject(message) && "method" in message && !("id" in message)) {
    before = message;
    message = await worker.next();
  }
  if (!isMessage(step["expectLast"], message, names)) {
    throw new Error(`expected ${shown(step["expectLast"])}, and got ${shown(message)}`);
  }
  if (step["before"] !== undefined && !isMessage(step["before"], before, names)) {
    throw new Error(`expected ${shown(step["before"])} before it, and got ${shown(before)}`);
  }
}

/**
 * @param {WorkerProcess} worker
 * @param {unknown} id
 * @param {number} length
 */
async function expectLong(worker, id, length) {
  const answer = await worker.next();
  const expected = { jsonrpc: "2.0", id, result: "x".repeat(length) };
  if (!isDeepStrictEqual(answer, expected)) throw new Error(`expected ${length} letters, and got ${shown(answer)}`);
}

/**
 * It says nothing: the next thing that comes is the answer to a request of our own.
 * @param {WorkerProcess} worker
 */
async function expectQuiet(worker) {
  const id = `quiet ${++markers}`;
  worker.sendFrame(worker.codec.encode({ jsonrpc: "2.0", id, method: "echo", params: { message: markers } }));
  const answer = await worker.next();
  if (!isDeepStrictEqual(answer, { jsonrpc: "2.0", id, result: markers })) {
    throw new Error(`expected no message, and got ${shown(answer)}`);
  }
}

/**
 * @param {WorkerProcess} worker
 * @param {unknown} code
 */
async function expectExit(worker, code) {
  const actual = await worker.exited();
  if (actual !== code) throw new Error(`expected the exit code ${String(code)}, and got ${String(actual)}`);
}

/** @param {unknown} value */
export function shown(value) {
  if (value === undefined) return "the end of its output";
  const text = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each));
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
