import { describe, expect, test } from "vitest";
import { createChannel, createMemoryByteLinks } from "../src/index.js";
import { readOptions, optionsOf } from "../src/checks/options.js";
import { DEFAULT_LIMITS, LIMITS, type Limits } from "../src/limits.js";

function resolveLimits(limits: Partial<Limits> = {}): Limits {
  const table = { limits: optionsOf(LIMITS) };
  return { ...DEFAULT_LIMITS, ...readOptions<{ limits: Partial<Limits> }>("f", { limits }, table).limits };
}

const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];

test("without options the defaults hold", () => {
  expect(resolveLimits()).toEqual(DEFAULT_LIMITS);
  expect(resolveLimits({})).toEqual({
    maxMessageBytes: 64 * 1024 * 1024,
    maxDepth: 128,
    maxInFlight: 65_536,
    maxQueuedBytes: 64 * 1024 * 1024,
    maxHeldBytes: 64 * 1024 * 1024,
    maxBatchSize: 1_000,
    streamWindow: 1_024,
    maxNoiseBytesPerMinute: 256 * 1024,
    stderrTailBytes: 64 * 1024,
    maxEarlyNotifications: 256,
    maxQueuedNotifications: 1_024,
  });
});

test("the defaults can't be changed for everybody", () => {
  expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
});

test("one option leaves the others as they are", () => {
  expect(resolveLimits({ maxDepth: 7 })).toEqual({ ...DEFAULT_LIMITS, maxDepth: 7 });
});

test("undefined means the default", () => {
  expect(resolveLimits({ maxDepth: undefined } as unknown as Partial<Limits>)).toEqual(DEFAULT_LIMITS);
});

describe.each(names)("%s", (name) => {
  test.each([-1, 1.5, NaN, -Infinity, 2 ** 53, "10", null, true, 10n])("refuses %s", (value) => {
    const given = { [name]: value } as unknown as Partial<Limits>;
    expect(() => resolveLimits(given)).toThrow(typeof value === "number" ? RangeError : TypeError);
    expect(() => resolveLimits(given)).toThrow(`f: limits.${name} must be a whole number `);
  });
});

test.each(names.filter((name) => name !== "maxMessageBytes" && name !== "streamWindow"))(
  "%s may be 0, and Infinity for none",
  (name) => {
    expect(resolveLimits({ [name]: 0 })[name]).toBe(0);
    expect(resolveLimits({ [name]: Infinity })[name]).toBe(Number.MAX_SAFE_INTEGER);
  },
);

test.each([
  [0, false],
  [55, false],
  [127, false],
  [128, true],
  [512 * 1024 * 1024 - 1, true],
  [512 * 1024 * 1024, false],
  [Infinity, false],
])("maxMessageBytes of %d is accepted: %s", (maxMessageBytes, isGood) => {
  if (isGood) expect(resolveLimits({ maxMessageBytes }).maxMessageBytes).toBe(maxMessageBytes);
  else expect(() => resolveLimits({ maxMessageBytes })).toThrow(RangeError);
});

test.each(["maxMessageByte", "toString", "__proto__"])("an unknown name is refused: %s", (name) => {
  const given = JSON.parse(`{"${name}":1}`) as Partial<Limits>;
  expect(() => resolveLimits(given)).toThrow(`f: there is no option "limits.${name}".`);
});

test("a channel checks its limits before it touches the link", () => {
  const [link] = createMemoryByteLinks();
  expect(() => createChannel({ link, limits: { maxDepth: -1 } })).toThrow(RangeError);
  expect(() => createChannel({ link })).not.toThrow();
});
