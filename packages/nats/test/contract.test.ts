/** What holds for every channel, once more over NATS: from a caller to the worker behind a member, and back. */
import type * as Theirs from "../../transport/test/support/channels.js";
import { afterAll, beforeEach, expect, test, vi } from "vitest";

const opened = await vi.hoisted(async () => (await import("./support/pairs.js")).connectOnce());

vi.mock("../../transport/test/support/channels.js", async (original) => {
  const { openPairOverNats } = await import("./support/pairs.js");
  const theirs = await original<typeof Theirs>();
  const openPair: typeof theirs.openPair = (left, right) =>
    opened === undefined ? theirs.openPair(left, right) : openPairOverNats(opened.connection, left ?? {}, right ?? {});
  return { ...theirs, openPair };
});

// One line tells of their absence, below.
if (opened !== undefined) {
  await import("../../transport/test/channel/cancellation.test.js");
  await import("../../transport/test/channel/handlers.test.js");
  await import("../../transport/test/channel/hostile-handlers.test.js");
  await import("../../transport/test/channel/inputs.test.js");
  await import("../../transport/test/channel/notifications.test.js");
  await import("../../transport/test/channel/progress.test.js");
  await import("../../transport/test/channel/registry.test.js");
  await import("../../transport/test/channel/remote.test.js");
  await import("../../transport/test/channel/request-options.test.js");
  await import("../../transport/test/channel/requests.test.js");
  await import("../../transport/test/channel/streams.test.js");
  await import("../../transport/test/channel/batches.test.js");
  await import("../../transport/test/channel/interceptors.test.js");
  await import("../../transport/test/channel/timeouts.test.js");
}

/** What is not so behind a member, and why. */
const DIFFERENT: readonly (readonly [name: RegExp, why: string])[] = [
  [
    /channel ends|channel's end|ends first|closes the channel/,
    "a member's end is not that of its caller, nor the other way",
  ],
  [
    /go both ways at the same time|from the side that serves|may call back|several levels/,
    "a worker asks while it works for one caller",
  ],
  [
    /wait for a handler that reads slowly|holds the writer back|holds back each|bounded number/,
    "each hop has a window of its own",
  ],
  [/source of inputs that throws|gives its handler the items before/, "a cancel may overtake items that wait at a hop"],
];

beforeEach(({ task, skip }) => {
  const [, why] = DIFFERENT.find(([name]) => name.test(task.name)) ?? [];
  if (why !== undefined) skip(why);
});

afterAll(async () => {
  await opened?.close();
});

test.skipIf(opened === undefined)(
  "the pairs of these tests are over NATS (skipped because there is no nats-server)",
  async () => {
    const { openPair } = await import("../../transport/test/support/channels.js");
    const { left, right } = openPair();
    right.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b);
    expect(await left.request("add", { a: 1, b: 2 })).toBe(3);
    expect(left.constructor.name).toBe("NatsChannel");
  },
);
