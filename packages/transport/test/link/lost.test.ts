import { onTestFinished, expect, test } from "vitest";
import { ChannelError, createChannel, type Link, type LinkReceiver } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";

test("a link that leads to many says which request nobody will answer, and the channel lives on", async () => {
  let receiver: LinkReceiver | undefined;
  const link: Link = {
    hasStrayText: false,
    queuedBytes: 0,
    start: (given) => (receiver = given),
    send: () => undefined,
    flushed: () => Promise.resolve(),
    atTurnEnd: queueMicrotask,
    close: () => Promise.resolve(),
  };
  const channel = createChannel({ link });
  onTestFinished(() => channel.close());
  const [first, second] = [rejectionOf(channel.request("a")), channel.request<number>("b")];
  const gone = new ChannelError("WORKER_EXITED", "a: gone", { method: "a", delivery: "unknown" });
  receiver?.lost?.(1, gone);
  receiver?.lost?.(1, gone); // It has settled.
  receiver?.lost?.(99, gone); // There is none.
  expect(await first).toBe(gone);
  const answer = new TextEncoder().encode('{"jsonrpc":"2.0","id":2,"result":7}');
  receiver?.frame(answer, 0, answer.length);
  expect(await second).toBe(7);
  expect(channel.stats()).toMatchObject({ inFlight: 0, failed: 1, succeeded: 1 });
});
