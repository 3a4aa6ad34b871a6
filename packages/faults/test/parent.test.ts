import { describe, expect, test } from "vitest";
import { rustWorker } from "../../../test/support/paths.js";
import { parentScenarios, runScenario, type Target } from "../src/index.js";
import { badWorker } from "./support.js";

function bad(flaw: string): Target {
  return { command: process.execPath, args: [badWorker, flaw], patienceMs: 2_000, goneWithinMs: 300 };
}

/** By scenario: what a worker does wrong, and what is said of it. Each check has failed once. */
const FLAWS: Readonly<Record<string, readonly [flaw: string, said: RegExp]>> = {
  "not-json": ["throws on bad JSON", /^exited with 1$/],
  "bad-messages": ["throws on bad messages", /^exited with 1$/],
  "unknown-method": ["knows every method", /^answered a result$/],
  "prototype-names": ["finds members", /^there is a method "__proto__", "constructor"/],
  "unknown-notification": ["answers notifications", /^answered a notification$/],
  ids: ["makes texts of ids", /to the ids 0, -1, 9007199254740991$/],
  "odd-ids": ["throws on odd ids", /^exited with 1$/],
  "same-id": ["dies of the same id", /^exited with 1$/],
  batches: ["dies of batches", /^exited with 1$/],
  "answers-to-nothing": ["answers answers", /^answered 8 of 8 answers$/],
  "cancels-nothing": ["answers notifications", /^answered a notification$/],
  "one-byte-at-a-time": ["takes each chunk for a message", /^does not answer it$/],
  "many-in-one-chunk": ["takes each chunk for a message", /^does not answer the last one$/],
  "line-ends": ["dies of CR", /^does not answer it$/],
  "endless-line": ["keeps everything", /^took \d+ MiB of memory, more than 200 MiB$/],
  "deep-nesting": ["dies of depth", /^exited with 1$/],
  "many-values": ["dies of depth", /^exited with 1$/],
  "long-method": ["dies of long methods", /^exited with 1$/],
  "flood-of-requests": ["loses requests", /^answered 9990 of 10000$/],
  "stops-reading": ["loses requests", /^answered 9990 of 10000$/],
  "stderr-unread": ["loses requests", /^answered 9990 of 10000$/],
  "ends-at-once": ["outlives its parent", /^still there 2000 ms after its start$/],
  "ends-in-a-frame": ["outlives its parent", /^still there 300 ms after the end of its stdin$/],
  "ends-after-requests": ["outlives its parent", /^still there 300 ms after the end of its stdin$/],
  "closes-stdout": ["outlives its parent", /^still there 300 ms after the end of its stdin$/],
  terminates: ["outlives its parent", /^still there 300 ms after SIGTERM$/],
  dies: ["outlives its parent", /^still there 300 ms after its parent$/],
  "dies-in-a-frame": ["outlives its parent", /^still there 300 ms after its parent$/],
};

const onLinux = describe.skipIf(process.platform !== "linux");
const scenarios = parentScenarios();

onLinux.each(["line", "content-length", "length"] as const)("over %s, our worker in Rust", (framing) => {
  // What has nothing to do with the framing is tried with one of them.
  const own = scenarios.filter(
    ({ name, framings = ["line"] }) => framings.includes(framing) || name.includes("in-a-frame"),
  );
  const target = { command: rustWorker, args: ["--quiet", "--framing", framing], framing };

  // Most of them wait for something that must not happen.
  test.concurrent.each(own.map(({ name, what }) => [what, name]))(
    "does as it must under a parent that %s",
    async (_, name) => {
      expect(await runScenario(name, target)).toMatchObject({ failures: [] });
    },
  );
});

onLinux("a worker that", () => {
  test.concurrent.each(Object.entries(FLAWS))("fails %s is told so", async (name, [flaw, said]) => {
    const { failures } = await runScenario(name, bad(flaw));
    expect(failures).toContainEqual(expect.stringMatching(said));
  });

  test.concurrent.each(Object.keys(FLAWS))("is good passes %s", async (name) => {
    const { failures } = await runScenario(name, { ...bad("none"), goneWithinMs: 2_000 });
    expect(failures).toEqual([]);
  });
});

test("a program that there isn't fails each scenario", async () => {
  const { failures } = await runScenario("not-json", { command: "no-such-program-anywhere" });
  expect(failures).toEqual(["did not start: spawn no-such-program-anywhere ENOENT"]);
});

test("a worker that never answers fails before anything is done to it", async () => {
  const target = { command: process.execPath, args: ["-e", "setInterval(() => undefined, 1000)"], patienceMs: 300 };
  const { failures } = await runScenario("not-json", target);
  expect(failures).toEqual(["does not answer its first request within 300 ms"]);
});

test.each([
  ["no-such", "There is no scenario named no-such."],
  ["announces-nonsense", "announces-nonsense needs the framing content-length."],
])("a scenario that there isn't for a line, %s, is refused", async (name, problem) => {
  await expect(runScenario(name, bad("none"))).rejects.toThrow(problem);
});
