import { getEventListeners } from "node:events";
import { ChannelError, type Channel } from "@procwire/transport";
import type { LoopLag } from "../lib/loop-lag.js";
import { Book, inWords, isHostile, LATE_MS } from "./book.js";
import { serveCalm } from "./calm.js";
import { nameOf, type Act, type OpenScene, type Scene, type Trial } from "./contract.js";
import { holdings, leftSince } from "./holdings.js";
import { CLOSE_MS, openInMemory, openParent, openWorker, type Stage } from "./stage.js";
import type { Trouble } from "./trouble.js";

/** How long a request may take. */
export const TIMEOUT_MS = { memory: 20, parent: 400, worker: 400 };
/** Hostile code gets so many calls in its way; after that it is calm, and the channel must work. */
const ACTS = 3;
/** How long a worker may take to start, and to start and play. */
const START_MS = 15_000;
const PLAY_MS = 20_000;

/** What does not depend on the trial. */
export interface Surroundings {
  readonly lag: LoopLag;
  readonly trouble: Trouble;
  /** A channel that has nothing to do with it. */
  readonly bystander: Channel;
}

export interface Verdict {
  readonly violations: readonly string[];
  readonly calls: number;
  /** Whether hostile code was called at all. */
  readonly wasReached: boolean;
  readonly lived: boolean;
}

/** The hostile thing of one trial. */
export class Hostility {
  readonly scene: Scene;
  acts = 0;
  readonly #behaviour: Trial["behaviour"];
  #isDisarmed = false;

  constructor({ behaviour, codec }: Trial, book: Book, abort: AbortController) {
    this.#behaviour = behaviour;
    this.scene = { channel: undefined, abort, disposers: [], cleanUps: [], book, codec };
  }

  readonly act: Act = <Value>(normal: Value): Value => {
    if (this.#isDisarmed || this.acts === ACTS) return normal;
    this.acts += 1;
    return this.#behaviour.run(this.scene, normal) as Value;
  };

  disarm(): void {
    this.#isDisarmed = true;
  }

  arm(): void {
    this.#isDisarmed = false;
  }

  /** Plays the point on the open channel. What `play` itself throws is thrown by our methods, which must reject. */
  async play({ point, behaviour, side }: Trial, channel: Channel): Promise<void> {
    const { book } = this.scene;
    book.takesTypeErrors = point.mayRefuse === true && behaviour.kind === "returns";
    this.scene.channel = channel;
    const scene: OpenScene = { ...this.scene, channel, act: this.act };
    try {
      await Promise.race([point.play(scene), sleep(TIMEOUT_MS[side])]);
    } catch (error) {
      book.violations.push(`playing it threw ${inWords(error)}`);
    }
    await book.settled();
  }
}

/** Plays one trial, and tells what it broke. */
export async function judge(trial: Trial, surroundings: Surroundings): Promise<Verdict> {
  const { lag, trouble, bystander } = surroundings;
  const before = holdings();
  const verdict = trial.side === "worker" ? await judgeWorker(trial, lag) : await judgeHere(trial, lag);
  const violations = [...verdict.violations, ...(await trouble.take()), ...(await leftSince(before))];
  if (!(await answers(bystander, 1_000))) violations.push("another channel of this process does not answer");
  return { ...verdict, violations };
}

async function judgeHere(trial: Trial, lag: LoopLag): Promise<Verdict> {
  const { side, point, codec } = trial;
  const abort = new AbortController();
  const book = new Book(lag, TIMEOUT_MS[side], abort.signal);
  const hostility = new Hostility(trial, book, abort);
  let stage: Stage;
  try {
    const { act } = hostility;
    stage = side === "memory" ? openInMemory(point, codec, act, book) : await openParent(point, codec, act);
  } catch (error) {
    return { ...refusal(error), calls: 0, wasReached: hostility.acts > 0, lived: false };
  }
  const { hostile } = stage;
  serveCalm(hostile, book, () => undefined);
  if (side === "parent" && mustWork(trial)) {
    // Deadlines count from when the worker is up, which takes a while where others use the machine.
    hostility.disarm();
    await answers(hostile, START_MS);
    hostility.arm();
  }
  await hostility.play(trial, hostile);
  hostility.disarm();
  const end = await endOf(hostile);
  const { violations, calls } = book;
  if (end === undefined && mustWork(trial)) violations.push(...(await canaries(stage, TIMEOUT_MS[side] * 20)));
  violations.push(...endViolations(end, trial));
  for (const cleanUp of hostility.scene.cleanUps) cleanUp();
  violations.push(...(await closed(stage, CLOSE_MS[side], lag)));
  const listeners = getEventListeners(abort.signal, "abort").length;
  if (listeners > 0) violations.push(`${listeners} listeners left on the signal`);
  return { violations, calls, wasReached: hostility.acts > 0, lived: end === undefined };
}

/** Of a channel that got no such part there may be nothing to expect. */
function mustWork({ point, behaviour }: Trial): boolean {
  return point.isPart !== true || behaviour.kind === "does";
}

/** Only who closes a channel, or is a part of it, may end it. */
function endViolations(end: unknown, { point, behaviour }: Trial): string[] {
  if (end === undefined || point.mayEnd === true || behaviour.closes === true) return [];
  if (!(end instanceof ChannelError)) return ["the channel ended without a reason"];
  return [`the channel ended: ${end.code} ${end.message}`];
}

/** Opening may be refused, for a reason that tells why. */
function refusal(error: unknown): Pick<Verdict, "violations"> {
  const isFair =
    error === undefined ||
    isHostile(error) ||
    error instanceof ChannelError ||
    error instanceof RangeError ||
    error instanceof TypeError;
  return { violations: isFair ? [] : [`opening failed with ${inWords(error)}`] };
}

/** A worker judges itself and prints its verdict when it exits; its parent looks whether it can be talked to and ends. */
async function judgeWorker(trial: Trial, lag: LoopLag): Promise<Verdict> {
  const violations: string[] = [];
  let told: Verdict | undefined;
  const channel = await openWorker(trial.codec, nameOf(trial), (line) => {
    if (line.startsWith("VERDICT ")) told = JSON.parse(line.slice("VERDICT ".length)) as Verdict;
  });
  const book = new Book(lag, PLAY_MS, new AbortController().signal);
  serveCalm(channel, book, () => undefined);
  const played = new Promise((resolve) => channel.onNotification("played", resolve));
  await Promise.race([played, channel.closed, sleep(PLAY_MS)]);
  const end = await endOf(channel);
  violations.push(...endViolations(end, trial));
  if (end === undefined && mustWork(trial)) {
    violations.push(...(await canaries({ hostile: channel, calm: undefined }, 2_000)));
  }
  violations.push(...(await closed({ hostile: channel, calm: undefined }, CLOSE_MS.worker, lag)));
  if (told === undefined) violations.push("the worker ended without its verdict");
  if (end?.code === "WORKER_EXITED" && end.exitCode !== 0)
    violations.push(`the worker exited with ${String(end.exitCode)}`);
  violations.push(...(told?.violations ?? []));
  return { violations, calls: told?.calls ?? 0, wasReached: told?.wasReached ?? false, lived: end === undefined };
}

/** The reason of the end; `undefined` of a channel that lives. */
export function endOf({ closed: end }: Channel): Promise<ChannelError | undefined> {
  return Promise.race([end, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
}

/** A channel that has not ended must work, in both directions. */
async function canaries({ hostile, calm }: Stage, milliseconds: number): Promise<string[]> {
  const violations: string[] = [];
  if (!(await answers(hostile, milliseconds))) violations.push("the channel lives and does not answer");
  if (calm !== undefined && !(await answers(calm, milliseconds)))
    violations.push("the channel lives and can't be called");
  return violations;
}

async function answers(channel: Channel, timeout: number): Promise<boolean> {
  try {
    return (await channel.request("add", { a: 20, b: 22 }, { timeout })) === 42;
  } catch {
    return false;
  }
}

/** `close()` is bounded, never rejects, and leaves nothing in the tables. */
async function closed({ hostile, calm }: Stage, milliseconds: number, lag: LoopLag): Promise<string[]> {
  const violations: string[] = [];
  const from = performance.now();
  const bound = milliseconds + LATE_MS;
  const wait = async (): Promise<string> => {
    do {
      await sleep(bound);
    } while (performance.now() - from - lag.between(from, performance.now()) < bound);
    return "close() takes too long";
  };
  try {
    const late = await Promise.race([hostile.close(), wait()]);
    if (late !== undefined) violations.push(late);
  } catch (error) {
    violations.push(`close() failed with ${inWords(error)}`);
  }
  await calm?.close();
  const { inFlight, running } = hostile.stats();
  if (inFlight > 0) violations.push(`${inFlight} requests left in the table`);
  if (running > 0) violations.push(`${running} handlers left in the table`);
  return violations;
}

function sleep(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined).unref());
}
