import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openWithPeer, type Opened } from "../support/channels.js";
import { settle } from "../support/streams.js";

interface Slow {
  readonly handled: number[];
  /** Lets the handler finish with the notification that it is at. */
  finish(): Promise<void>;
}

/** A handler of `n` that waits for the test. */
function addSlowHandler({ channel }: Opened, fail = false): Slow {
  const handled: number[] = [];
  let done: (() => void) | undefined;
  let running = 0;
  channel.onNotification("n", async ([n]: [number]) => {
    running += 1;
    handled.push(n);
    expect(running).toBe(1);
    await new Promise<void>((resolve) => (done = resolve));
    running -= 1;
    if (fail) throw new Error(`failed at ${n}`);
  });
  return {
    handled,
    finish: async () => {
      done?.();
      await settle();
    },
  };
}

function send({ peer }: Opened, from: number, to: number): Promise<unknown> {
  for (let n = from; n <= to; n++) peer.send({ method: "n", params: [n] });
  return peer.roundTrip();
}

describe("a handler that returns a promise", () => {
  test("gets one notification at a time, in order, and all of them", async () => {
    const opened = openWithPeer();
    const slow = addSlowHandler(opened);
    await send(opened, 1, 5);
    expect(slow.handled).toEqual([1]);
    for (let at = 0; at < 5; at++) await slow.finish();
    expect(slow.handled).toEqual([1, 2, 3, 4, 5]);
    await send(opened, 6, 6);
    expect(slow.handled).toEqual([1, 2, 3, 4, 5, 6]);
    expect(opened.channel.stats()).toMatchObject({ notificationsReceived: 6, notificationsDropped: 0 });
  });

  test("holds back neither requests, nor answers, nor another handler", async () => {
    const opened = openWithPeer();
    const slow = addSlowHandler(opened);
    const quick: unknown[] = [];
    opened.channel.onNotification("n", ([n]: [number]) => quick.push(n));
    const call = opened.channel.request("m");
    await opened.peer.next();
    await send(opened, 1, 3);
    opened.peer.send({ id: 1, result: "answered" });
    expect(await call).toBe("answered");
    expect(quick).toEqual([1, 2, 3]);
    expect(slow.handled).toEqual([1]);
  });

  test("that rejects is reported, and goes on with the next", async () => {
    const opened = openWithPeer();
    const slow = addSlowHandler(opened, true);
    await send(opened, 1, 2);
    await slow.finish();
    await slow.finish();
    expect(slow.handled).toEqual([1, 2]);
    expect(opened.errors).toMatchObject([{ message: "failed at 1" }, { message: "failed at 2" }]);
  });

  test("that is removed gets nothing of what waits for it", async () => {
    const opened = openWithPeer();
    const handled: number[] = [];
    let done: () => void = () => undefined;
    const remove = opened.channel.onNotification("n", ([n]: [number]) => {
      handled.push(n);
      return new Promise<void>((resolve) => (done = resolve));
    });
    await send(opened, 1, 3);
    remove();
    done();
    await settle();
    expect(handled).toEqual([1]);
  });
});

describe("a handler that is too slow", () => {
  const limits = { maxQueuedNotifications: 2 };

  test.each([
    [undefined, [1, 4, 5]],
    ["drop-oldest", [1, 4, 5]],
    ["drop-newest", [1, 2, 3]],
  ] as const)(
    "with the policy %s drops and counts what is beyond the limit: %j are handled",
    async (policy, expected) => {
      const opened = openWithPeer(policy === undefined ? { limits } : { limits, notificationOverflow: policy });
      const slow = addSlowHandler(opened);
      await send(opened, 1, 5);
      expect(opened.channel.stats()).toMatchObject({ notificationsReceived: 5, notificationsDropped: 2 });
      for (let at = 0; at < 5; at++) await slow.finish();
      expect(slow.handled).toEqual(expected);
    },
  );

  test("beside one that is not does not make that one lose any", async () => {
    const opened = openWithPeer({ limits });
    addSlowHandler(opened);
    const quick: number[] = [];
    opened.channel.onNotification(({ params }: { params: [number] }) => quick.push(params[0]));
    await send(opened, 1, 6);
    expect(quick).toEqual([1, 2, 3, 4, 5, 6]);
    expect(opened.channel.stats().notificationsDropped).toBe(3);
  });

  test("may have none waiting at all", async () => {
    const opened = openWithPeer({ limits: { maxQueuedNotifications: 0 } });
    const slow = addSlowHandler(opened);
    await send(opened, 1, 3);
    await slow.finish();
    await send(opened, 4, 4);
    expect(slow.handled).toEqual([1, 4]);
  });
});

describe("early notifications", () => {
  test("beyond the limit are dropped and counted, the oldest first", async () => {
    const opened = openWithPeer({ limits: { maxEarlyNotifications: 2 } });
    await send(opened, 1, 5);
    expect(opened.channel.stats().notificationsDropped).toBe(3);
    const seen: number[] = [];
    opened.channel.onNotification("n", ([n]: [number]) => seen.push(n));
    await settle();
    expect(seen).toEqual([4, 5]);
  });

  test("are given to a slow handler one by one", async () => {
    const opened = openWithPeer();
    await send(opened, 1, 3);
    const slow = addSlowHandler(opened);
    await settle();
    expect(slow.handled).toEqual([1]);
    for (let at = 0; at < 3; at++) await slow.finish();
    expect(slow.handled).toEqual([1, 2, 3]);
  });
});

test("an onError that throws is printed: the channel lives, and nothing is unhandled", async () => {
  const onUnhandled = vi.fn();
  process.on("unhandledRejection", onUnhandled);
  onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
  const print = vi.spyOn(console, "error").mockReturnValue();
  const opened = openWithPeer({
    onError: () => {
      throw new Error("the reporter is broken");
    },
  });
  opened.channel.onNotification("later", async () => Promise.reject(new Error("no")));
  opened.channel.onNotification("now", () => {
    throw new Error("no");
  });
  opened.peer.send({ method: "later" }, { method: "now" });
  opened.peer.sendText('{"jsonrpc":"2.0","method":7}\n');
  await opened.peer.roundTrip();
  await settle();
  expect(onUnhandled.mock.calls).toEqual([]);
  expect(print).toHaveBeenCalledTimes(3);
});
