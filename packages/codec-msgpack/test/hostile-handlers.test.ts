import { LengthPrefixedFraming } from "@procwire/transport";
import { expect, test } from "vitest";
import { openPair } from "../../transport/test/support/channels.js";
import { describeHostileHandlers } from "../../transport/test/support/hostile-suite.js";
import { MessagePackCodec } from "../src/index.js";

const options = (): { framing: LengthPrefixedFraming; codec: MessagePackCodec } => ({
  framing: new LengthPrefixedFraming(),
  codec: new MessagePackCodec(),
});

describeHostileHandlers("MessagePack", options);

test("a result as deep as may be is answered in a batch, too, which is one level deeper", async () => {
  const { left, right } = openPair({ ...options(), timeout: 5_000 }, options());
  let deep: unknown = 1;
  for (let level = 0; level < 127; level++) deep = [deep];
  right.onRequest("deep", () => deep);
  right.onRequest("good", () => 5);
  expect(await left.request("deep")).toEqual(deep);
  expect(await left.batch([{ method: "good" }, { method: "deep" }])).toMatchObject([{ value: 5 }, { value: deep }]);
});
