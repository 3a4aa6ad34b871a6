import { expect, onTestFinished, test, vi } from "vitest";
import { startTimer } from "../../src/node/streams/durations.js";

function fakeTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

test.each([2 ** 31, 2 ** 31 + 5, 2 ** 33, Number.MAX_SAFE_INTEGER])("a timer of %d ms does not fire at once", (ms) => {
  fakeTimers();
  const fired = vi.fn();
  const warned = vi.fn();
  process.on("warning", warned);
  onTestFinished(() => void process.off("warning", warned));
  const stop = startTimer(fired, ms);
  vi.advanceTimersByTime(2 ** 31 - 2);
  expect(fired).not.toHaveBeenCalled();
  stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(warned).not.toHaveBeenCalled();
});

test("a timer beyond what the system's own can do fires when its time has come, and not before", () => {
  fakeTimers();
  const fired = vi.fn();
  startTimer(fired, 2 ** 32 + 10);
  vi.advanceTimersByTime(2 ** 31 - 1);
  vi.advanceTimersByTime(2 ** 31 - 1);
  vi.advanceTimersByTime(11);
  expect(fired).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fired).toHaveBeenCalledOnce();
});

test("a timer of Infinity is none", () => {
  fakeTimers();
  startTimer(vi.fn(), Infinity);
  expect(vi.getTimerCount()).toBe(0);
});
