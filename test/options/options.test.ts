import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { wrongOptions } from "./wrong-options.js";

/** What a call throws, or rejects with. */
async function failureOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("It was taken");
}

test("the table of wrong options has at least 60 rows, each of them once", () => {
  expect(wrongOptions.length).toBeGreaterThanOrEqual(60);
  expect(new Set(wrongOptions.map(({ code }) => code)).size).toBe(wrongOptions.length);
});

test.each(wrongOptions)("$code is refused before anything is started: $message", async ({ run, error, message }) => {
  const started: unknown[] = [];
  const onStart = (child: unknown): unknown => started.push(child);
  subscribe("child_process", onStart);
  onTestFinished(() => void unsubscribe("child_process", onStart));
  const failure = await failureOf(run);
  expect(failure).toBeInstanceOf(error);
  expect((failure as Error).message.slice(0, message.length)).toBe(message);
  if (message.endsWith(".")) expect((failure as Error).message).toBe(message);
  expect(started).toEqual([]);
});

test("an asynchronous function rejects, and never throws", () => {
  for (const { code, run } of wrongOptions) {
    if (!/^(createStdioChannel|channel\.(request|notify|stream|batch|remote))/.test(code)) continue;
    const outcome = run();
    expect(outcome, code).toBeInstanceOf(Promise);
    void (outcome as Promise<unknown>).catch(() => undefined);
  }
});
