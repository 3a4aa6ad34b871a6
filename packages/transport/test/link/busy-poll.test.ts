import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BusyPoll, DEFAULT_SPIN_US, microsecondsToSpin } from "../../src/node/streams/busy-poll.js";

const cpus = vi.hoisted(() => ({ count: 2 }));
/** What the system tells of each process, of this one as `self`. */
const statuses = vi.hoisted(() => new Map<string, string>());
vi.mock("node:os", () => ({ availableParallelism: () => cpus.count }));
vi.mock("node:fs", () => ({
  readFileSync: (path: string) => {
    const status = statuses.get(path);
    if (status === undefined) throw new Error(`ENOENT: ${path}`);
    return status;
  },
}));

/** How long it polls at most, in microseconds and in milliseconds. */
const SPIN_US = 50;
const SPIN_MS = 0.05;
/** Every so manieth write is done the other way. */
const TRY_OTHER_EVERY = 32;

let now = 0;
let immediates: (() => void)[] = [];

beforeEach(() => {
  cpus.count = 2;
  statuses.clear();
  now = 1_000;
  immediates = [];
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.stubGlobal("setImmediate", (callback: () => void) => immediates.push(callback));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Whether the event loop is kept from sleeping in its next turn. */
function isPolling(): boolean {
  return immediates.length > 0;
}

/** One turn of the event loop, which takes some milliseconds. */
function turn(milliseconds: number): void {
  now += milliseconds;
  for (const callback of immediates.splice(0)) callback();
}

/** A write and its answer, after so many milliseconds without polling and so many with it; tells whether it polled. */
function exchange(poll: BusyPoll, unpolled: number, polled: number): boolean {
  poll.written();
  const didPoll = isPolling();
  now += didPoll ? polled : unpolled;
  poll.arrived();
  turn(0);
  return didPoll;
}

test("polls from a write on until something arrives", () => {
  const poll = new BusyPoll(SPIN_US);
  poll.written();
  for (let at = 0; at < 4; at++) {
    expect(isPolling()).toBe(true);
    turn(SPIN_MS / 5);
  }
  poll.arrived();
  turn(0);
  expect(isPolling()).toBe(false);
});

test("polls no longer than it may when nothing arrives", () => {
  const poll = new BusyPoll(SPIN_US);
  poll.written();
  turn(SPIN_MS - 0.001);
  expect(isPolling()).toBe(true);
  turn(0.002);
  expect(isPolling()).toBe(false);
});

test("writes while it waits are one poll, counted from the first", () => {
  const poll = new BusyPoll(SPIN_US);
  poll.written();
  now += SPIN_MS - 0.001;
  poll.written();
  expect(immediates).toHaveLength(1);
  turn(0.002);
  expect(isPolling()).toBe(false);
});

test.each([
  ["when the option is 0", 0, 2],
  ["on a machine with one processor", SPIN_US, 1],
])("never polls %s", (_, microseconds, count) => {
  cpus.count = count;
  const poll = new BusyPoll(microseconds);
  for (let at = 0; at < 3 * TRY_OTHER_EVERY; at++) expect(exchange(poll, 1, 0.01)).toBe(false);
});

const boundTo = (mask: string): string => `Name:\tnode\nCpus_allowed:\t${mask}\nCpus_allowed_list:\t0\n`;

test.each([
  ["polls in a process bound to one CPU when the other is bound to another one", "1", "2", true],
  ["polls in a process bound to one CPU when the other may run on all of many", "1", "ffffffff,ffffffff", true],
  ["never polls when both sides are bound to the same CPU", "2", "2", false],
  ["never polls in a container that has the time of one CPU on several", "3", "3", false],
  ["never polls when only this side may run elsewhere", "3", "1", false],
  ["never polls where the system does not tell where the other side may run", "1", undefined, false],
])("%s", (_, own, other, expected) => {
  cpus.count = 1;
  statuses.set("/proc/self/status", boundTo(own));
  if (other !== undefined) statuses.set("/proc/77/status", boundTo(other));
  const poll = new BusyPoll(SPIN_US, () => 77);
  expect(exchange(poll, 0.047, 0.005)).toBe(false);
  expect(exchange(poll, 0.047, 0.005)).toBe(expected);
});

test("one answer that took long does not outweigh those that came at once", () => {
  const poll = new BusyPoll(SPIN_US);
  for (let at = 0; at < 10 * TRY_OTHER_EVERY; at++) exchange(poll, 0.047, 0.005);
  expect(exchange(poll, 0.047, 50)).toBe(true);
  const polled = Array.from({ length: 10 * TRY_OTHER_EVERY }, () => exchange(poll, 0.047, 0.005));
  expect(polled.filter((did) => !did).length).toBeLessThan(TRY_OTHER_EVERY);
});

test("goes on polling while answers come clearly sooner by it, and tries the other way now and then", () => {
  const poll = new BusyPoll(SPIN_US);
  const polled = Array.from({ length: 10 * TRY_OTHER_EVERY }, () => exchange(poll, 0.047, 0.005));
  expect(polled.filter((did) => !did)).toHaveLength(10);
});

test("gives polling up when answers come no sooner by it, and tries it now and then", () => {
  const poll = new BusyPoll(SPIN_US);
  for (let at = 0; at < TRY_OTHER_EVERY; at++) exchange(poll, 0.047, 0.04);
  const polled = Array.from({ length: 10 * TRY_OTHER_EVERY }, () => exchange(poll, 0.047, 0.04));
  expect(polled.filter((did) => did)).toHaveLength(10);
});

test("takes polling up again when it has begun to pay", () => {
  const poll = new BusyPoll(SPIN_US);
  for (let at = 0; at < 4 * TRY_OTHER_EVERY; at++) exchange(poll, 0.047, 5);
  expect(exchange(poll, 0.047, 5)).toBe(false);
  // An average of answers that took far longer is not forgotten at once.
  for (let at = 0; at < 100 * TRY_OTHER_EVERY; at++) exchange(poll, 0.047, 0.005);
  const polled = Array.from({ length: TRY_OTHER_EVERY }, () => exchange(poll, 0.047, 0.005));
  expect(polled.filter((did) => did)).toHaveLength(TRY_OTHER_EVERY - 1);
});

test("something that arrives although nothing was written is no answer", () => {
  const poll = new BusyPoll(SPIN_US);
  poll.arrived();
  now += 100;
  poll.arrived();
  expect(exchange(poll, 0.047, 0.005)).toBe(true);
});

test("the option is a number of microseconds up to 10,000, and 50 where it is not given", () => {
  const place = { where: "f", name: "spinUs" };
  expect(DEFAULT_SPIN_US).toBe(50);
  expect([0, 0.5, 10_000].map((given) => microsecondsToSpin(given, place))).toEqual([0, 0.5, 10_000]);
  for (const wrong of [-1, 10_001, NaN, Infinity]) expect(() => microsecondsToSpin(wrong, place)).toThrow(RangeError);
});
