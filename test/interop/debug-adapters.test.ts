// Debug adapters under our channel: one made with @vscode/debugadapter, one with serveStdio.

import { createStdioChannel, dap, type Channel } from "@procwire/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";

interface Evaluated {
  readonly result: string;
}

describe.each(["debug-adapter.ts", "dap-worker.ts"])("%s", (file) => {
  const isOurs = file === "dap-worker.ts";
  const events: string[] = [];
  let channel: Channel;
  const evaluate = (expression: string, options = {}): Promise<Evaluated> =>
    channel.request<Evaluated>("evaluate", { expression }, options);

  beforeAll(async () => {
    channel = await createStdioChannel(process.execPath, {
      args: typescript(fixture(file)),
      dialect: dap,
      timeout: 20_000,
    });
    channel.onNotification(({ event }: { event: string }) => void events.push(event));
    channel.onRequest("runInTerminal", ({ args }: { args: string[] }) => ({ processId: args.length }));
  });
  afterAll(() => channel.close());

  test("initialize, its event, and what was asked too early", async () => {
    const hello = channel.request("initialize", { adapterID: "example", pathFormat: "path" });
    const early = evaluate("early");
    expect(await hello).toMatchObject({ supportsCancelRequest: true });
    expect(await early).toMatchObject({ result: "early" });
    await expect.poll(() => events).toContain("initialized");
  });

  test("answers with and without a body, and errors with their numbers", async () => {
    expect(await evaluate("1 + 1")).toMatchObject({ result: "1 + 1" });
    await expect(evaluate("fail")).rejects.toMatchObject({
      code: 42,
      message: expect.stringMatching("no such name") as unknown,
    });
    if (!isOurs) expect(await channel.request("launch", {})).toBeNull();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => evaluate(String(at))));
    expect(answers.map(({ result }) => result)).toEqual(Array.from({ length: 200 }, (_, at) => String(at)));
  });

  test.skipIf(isOurs)("a request of the adapter, which ours has none of because it runs nothing", async () => {
    expect(await evaluate("terminal")).toMatchObject({ result: '{"processId":1}' });
  });

  test("a cancel is a request that names another by its number", async () => {
    const controller = new AbortController();
    const waiting = evaluate("wait", { signal: controller.signal }).catch((error: unknown) => error);
    if (isOurs) await expect.poll(() => events).toContain("waiting");
    else await evaluate("after it");
    const { answersIgnored } = channel.stats();
    controller.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ message: "enough" });
    // Here that of the cancel and that of the request; the other adapter answers the cancel alone.
    await expect.poll(() => channel.stats().answersIgnored).toBe(answersIgnored + (isOurs ? 2 : 1));
    if (!isOurs) expect(Number((await evaluate("cancelled")).result)).toBeGreaterThan(1);
  });

  test("streams, inputs and batches reject", async () => {
    await expect(channel.stream("evaluate").next()).rejects.toMatchObject({ code: "ENCODE_FAILED" });
    await expect(channel.request("evaluate", {}, { input: [] })).rejects.toMatchObject({ code: "ENCODE_FAILED" });
    await expect(channel.batch([{ method: "evaluate" }])).rejects.toMatchObject({ code: "ENCODE_FAILED" });
  });

  test("close disconnects", async () => {
    await channel.close();
    expect(channel.state).toBe("closed");
  });
});
