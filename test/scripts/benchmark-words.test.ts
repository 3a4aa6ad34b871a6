// What the benchmark says of itself.

import { describe, expect, test, vi } from "vitest";
import { Progress } from "../../bench/src/report/progress.js";
import { verdictInWords } from "../../bench/src/report/words.js";

test("a target that is missed by a hair is not missed by nothing", () => {
  const verdict = { what: "speed", wanted: "at least 0.9", measured: 0.89999, met: false, missedBy: 0.00001 };
  expect(verdictInWords(verdict)).toMatch(/^missed by less than 0\.1% +speed/);
});

describe("a run that is cut short to keep to its time", () => {
  test("announces a bound, and says at the end how many laps it left out", () => {
    const wasTerminal = process.stdout.isTTY;
    process.stdout.isTTY = false;
    let printed = "";
    const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    const log = vi.spyOn(console, "log").mockImplementation((text) => void (printed += `${String(text)}\n`));
    try {
      const progress = new Progress(353);
      progress.next("the first lap");
      progress.skip(352);
      progress.end();
    } finally {
      write.mockRestore();
      log.mockRestore();
      process.stdout.isTTY = wasTerminal;
    }
    expect(printed).toMatch(/^at most 353 laps \n1 laps in \d+\.\d s, 352 left out to keep to the time\n$/);
  });
});
