import { expect, onTestFinished, test } from "vitest";
import { createChannel, createMemoryLinks, LineDelimitedFraming, type Channel } from "../../src/index.js";

function openPair(limit?: number): { here: Channel; there: Channel } {
  const [near, far] = createMemoryLinks();
  const limits = limit === undefined ? {} : { limits: { maxMessageBytes: limit } };
  const pair = {
    here: createChannel({ link: near, onError: () => undefined }),
    there: createChannel({ link: far, answersUnreadable: true, onError: () => undefined, ...limits }),
  };
  onTestFinished(async () => {
    await Promise.all([pair.here.close(), pair.there.close()]);
  });
  return pair;
}

test("two channels talk over links of frames, without a framing", async () => {
  const { here, there } = openPair();
  there.onRequest("echo", (params: unknown) => params);
  expect(await here.request("echo", { text: "line\nfeed" })).toEqual({ text: "line\nfeed" });
});

test("what one side said before the other listened arrives first", async () => {
  const [near, far] = createMemoryLinks();
  const here = createChannel({ link: near });
  const answer = here.request("ping");
  const there = createChannel({ link: far });
  there.onRequest("ping", () => "pong");
  expect(await answer).toBe("pong");
  await Promise.all([here.close(), there.close()]);
});

test("a frame above the limit is refused by the channel, where no framing counts", async () => {
  const { here, there } = openPair(200);
  there.onRequest("echo", (params: unknown) => params);
  await expect(here.request("echo", { text: "x".repeat(200) })).rejects.toMatchObject({ code: -32600 });
  expect(await here.request("echo", {})).toEqual({});
});

test("one side closes, and the other hears of it", async () => {
  const { here, there } = openPair();
  await here.close();
  expect(await there.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
});

test("a framing for a link of frames is refused, with advice", () => {
  const [link] = createMemoryLinks();
  expect(() => createChannel({ link, framing: new LineDelimitedFraming() })).toThrow("takes no framing");
});
