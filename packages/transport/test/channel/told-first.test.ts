// Whoever waits for a request hears of its end no later than whoever waits for the channel's.

import { expect, test } from "vitest";
import { createChannel } from "../../src/index.js";
import { FakeLink } from "../support/fake-link.js";

test.each(["close() resolves", "closed resolves"])("a pending request has rejected when %s", async (which) => {
  const channel = createChannel({ link: new FakeLink() });
  const order: string[] = [];
  const calls = Array.from({ length: 3 }, () => channel.request("never").catch(() => order.push("request")));
  const closing = channel.close();
  await (which === "closed resolves" ? channel.closed : closing);
  order.push("channel");
  await Promise.all(calls);
  expect(order).toEqual(["request", "request", "request", "channel"]);
});
