import { expect, test } from "vitest";
import { acp, lsp, mcp } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { openGreeted } from "./support.js";

test.each([mcp, acp])("$name has no streams: the first item rejects, and says so", async (dialect) => {
  const { channel } = await openGreeted(dialect);
  const failure = await rejectionOf(channel.stream("list").next());
  expect(failure).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent", method: "list" });
  expect((failure as Error).message).toBe(`list: the dialect ${dialect.name} has no streams. Use channel.request().`);
});

test.each([lsp, mcp, acp])("$name has no inputs: the request rejects, and says so", async (dialect) => {
  const { channel } = await openGreeted(dialect);
  const failure = await rejectionOf(channel.request("sum", {}, { input: [1] }));
  expect(failure).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent" });
  expect((failure as Error).message).toContain("has no inputs that go with a request");
});

test.each([lsp, mcp, acp])("$name has no batches: ours reject, theirs are refused as one", async (dialect) => {
  const { channel, peer } = await openGreeted(dialect, { answersUnreadable: false });
  const failure = await rejectionOf(channel.batch([{ method: "a" }]));
  expect(failure).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent" });
  expect((failure as Error).message).toContain(`the dialect ${dialect.name} has no batches`);
  expect(peer.seen.some((message) => Array.isArray(message))).toBe(false);
});

test.each([lsp, mcp, acp])("$name: a batch that arrives is refused as one", async (dialect) => {
  const { channel, peer } = await openGreeted(dialect, { onError: () => undefined });
  let calls = 0;
  channel.onRequest("a", () => (calls += 1));
  peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"a"}]\n');
  await peer.roundTrip();
  expect(calls).toBe(0);
});
