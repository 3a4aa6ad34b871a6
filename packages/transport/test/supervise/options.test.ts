import { expect, test } from "vitest";
import { readOptions } from "../../src/checks/options.js";
import { resolveSupervision, SUPERVISION_OPTIONS, type SupervisionOptions } from "../../src/node/supervision.js";

test.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
  ["restart that is a text", { restart: "yes" }, TypeError, /^f: restart must be true, false, or an object.*"yes"/],
  ["restart that is null", { restart: null }, TypeError, /^f: restart .*null/],
  ["restart that is a number", { restart: 1 }, TypeError, /^f: restart .*1/],
  ["a negative number of restarts", { restart: { maxRestarts: -1 } }, RangeError, /^f: restart\.maxRestarts.*-1/],
  ["half a restart", { restart: { maxRestarts: 0.5 } }, RangeError, /^f: restart\.maxRestarts.*whole.*0\.5/],
  ["restarts within NaN", { restart: { withinMs: NaN } }, RangeError, /^f: restart\.withinMs.*NaN/],
  ["a delay that is a text", { restart: { minDelayMs: "1" } }, TypeError, /^f: restart\.minDelayMs.*"1"/],
  [
    "a delay that no timer can have",
    { restart: { maxDelayMs: 2 ** 31 } },
    RangeError,
    /^f: restart\.maxDelayMs.*2147483647/,
  ],
  ["delays in the wrong order", { restart: { minDelayMs: 2, maxDelayMs: 1 } }, RangeError, /minDelayMs \(2\).*\(1\)/],
  ["heartbeat that is a text", { heartbeat: "yes" }, TypeError, /^f: heartbeat must be/],
  ["heartbeats without a pause", { heartbeat: { intervalMs: 0 } }, RangeError, /^f: heartbeat\.intervalMs.* from 1 /],
  ["no time for an answer", { heartbeat: { timeoutMs: 0 } }, RangeError, /^f: heartbeat\.timeoutMs/],
  ["no misses at all", { heartbeat: { misses: 0 } }, RangeError, /^f: heartbeat\.misses/],
  ["breaker that is a function", { breaker: () => true }, TypeError, /^f: breaker must be/],
  ["a breaker without failures", { breaker: { failures: 0 } }, RangeError, /^f: breaker\.failures/],
  ["a breaker that never cools down", { breaker: { coolDownMs: Infinity } }, RangeError, /^f: breaker\.coolDownMs/],
  ["a negative patience", { killAfterCancelMs: -1 }, RangeError, /^f: killAfterCancelMs.*-1/],
])("%s is refused, and the message says what is right", (_, options, type, text) => {
  const resolve = (): unknown => resolveSupervision(readOptions("f", options, SUPERVISION_OPTIONS));
  expect(resolve).toThrow(type);
  expect(resolve).toThrow(text);
});

test.each<[string, SupervisionOptions, unknown]>([
  ["nothing", {}, undefined],
  ["false everywhere", { restart: false, heartbeat: false, breaker: false }, undefined],
  ["true", { restart: true }, { restart: { maxRestarts: 10, withinMs: 60_000, minDelayMs: 100, maxDelayMs: 10_000 } }],
  ["one delay above the other's default", { restart: { minDelayMs: 60_000 } }, { restart: { maxDelayMs: 60_000 } }],
  ["one delay below the other's default", { restart: { maxDelayMs: 7 } }, { restart: { minDelayMs: 7 } }],
  ["no end of restarts", { restart: { maxRestarts: Infinity } }, { restart: { maxRestarts: Infinity } }],
  ["a heartbeat", { heartbeat: { intervalMs: 50 } }, { heartbeat: { intervalMs: 50, timeoutMs: 50, misses: 3 } }],
  ["a breaker", { breaker: true }, { breaker: { failures: 5, coolDownMs: 5_000 } }],
])("%s has its defaults", (_, options, expected) => {
  const resolved = resolveSupervision(options);
  if (expected === undefined) expect(resolved).toBeUndefined();
  else expect(resolved).toMatchObject(expected as object);
});
