import { describe, expect, test } from "vitest";
import { RpcError, type RequestContext, type RequestHandler } from "../../src/index.js";
import { openWithPeer } from "../support/channels.js";
import { settle } from "../support/streams.js";

describe("progress that a handler tells after its request was answered is not sent", () => {
  let kept: RequestContext | undefined;
  const keep =
    (outcome: () => unknown): RequestHandler =>
    (_params, context) => {
      kept = context;
      return outcome();
    };

  test.each<[string, RequestHandler]>([
    ["a value", keep(() => 1)],
    ["a promise", keep(async () => Promise.resolve(1))],
    ["a rejection", keep(async () => Promise.reject(new RpcError(1, "no")))],
    [
      "a throw",
      keep(() => {
        throw new RpcError(1, "no");
      }),
    ],
    [
      "a stream",
      keep(async function* () {
        yield 1;
      }),
    ],
  ])("by %s", async (_, handler) => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("m", handler);
    peer.send({ method: "$/stream/pull", params: { id: 1, count: 9 } }, { id: 1, method: "m" });
    await settle();
    const before = peer.seen.length;
    await kept?.progress("late");
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(before + 1);
  });
});
