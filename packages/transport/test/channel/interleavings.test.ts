/**
 * Random orders of everything that can happen to requests, over a link and a clock that are the test's. A model says
 * how each request must end: by whichever came first. `PROCWIRE_LONG=1` runs 100,000 orders of each kind;
 * `PROCWIRE_SEED=n` runs one again.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Round } from "./interleavings/calling.js";
import { explore } from "./interleavings/explore.js";
import { serve } from "./interleavings/serving.js";
import { judge } from "./interleavings/verdict.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const LONG = { timeout: 1_200_000 };

test("in any order of events each request of this side ends once, by what came first", LONG, async () => {
  await explore(async (seed) => {
    const round = new Round(seed);
    await round.run();
    judge(round);
  });
  expect.assertions(0);
});

test("in any order of events each request of the other side is answered once, by what came first", LONG, async () => {
  await explore(serve);
  expect.assertions(0);
});
