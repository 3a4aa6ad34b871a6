// What a handler fails with leaves a trace where its programmer looks: on the worker's stderr.

import { createStdioChannel, type Channel } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";

interface Started {
  readonly channel: Channel;
  readonly lines: string[];
}

async function start(...args: string[]): Promise<Started> {
  const lines: string[] = [];
  const channel = await createStdioChannel(process.execPath, {
    args: typescript(fixture("failing-worker.ts"), ...args),
    stderr: (line) => lines.push(line),
  });
  onTestFinished(() => channel.close());
  return { channel, lines };
}

/** All that the worker has written: it has when its last words are there. */
async function written({ channel, lines }: Started): Promise<string> {
  await channel.close();
  return lines.join("\n");
}

test.each(["now", "later", "added"])(
  "%s: the stack and the cause are on stderr, the caller has the message",
  async (method) => {
    const started = await start();
    const error = await rejectionOf(started.channel.request(method));
    expect(error).toMatchObject({ code: -32_603, message: "no such table", data: undefined });
    const text = await written(started);
    expect(text).toContain(`procwire: the handler of ${method} failed: TypeError: no such table`);
    expect(text).toMatch(/at lookUp .*failing-worker\.m?[tj]s/);
    expect(text).toContain("[cause]: Error: the disk is gone");
  },
);

test("a stream that fails after its first item leaves a trace as well", async () => {
  const started = await start();
  const stream = started.channel.stream("stream");
  expect(await stream.next()).toEqual({ done: false, value: 1 });
  await rejectionOf(stream.next());
  expect(await written(started)).toContain("procwire: the handler of stream failed: TypeError: no such table");
});

test("an RpcError is an answer, and a request that was cancelled is no failure: nothing is logged", async () => {
  const started = await start();
  expect(await rejectionOf(started.channel.request("chosen"))).toMatchObject({ code: 4 });
  const cancelled = rejectionOf(started.channel.request("untilCancelled", {}, { timeout: 20 }));
  expect(await cancelled).toMatchObject({ code: "TIMEOUT" });
  expect(await started.channel.request("ping")).toBe("pong");
  expect(await written(started)).toBe("");
});

test("with logHandlerErrors false nothing is logged", async () => {
  const started = await start("quiet");
  await rejectionOf(started.channel.request("now"));
  await rejectionOf(started.channel.request("later"));
  expect(await written(started)).toBe("");
});

test("what is thrown may be anything: the worker logs what can be shown, and lives", async () => {
  const started = await start();
  await rejectionOf(started.channel.request("text"));
  await rejectionOf(started.channel.request("hostile"));
  expect(await started.channel.request("ping")).toBe("pong");
  const text = await written(started);
  expect(text).toContain("the handler of text failed: 'only a text'");
  expect(text).toContain("the handler of hostile failed: ");
});

test("a flood of failures is cut off after 32 KiB, and answers go on", async () => {
  const started = await start();
  const all = Array.from({ length: 500 }, () => rejectionOf(started.channel.request("now")));
  for (const error of await Promise.all(all)) expect(error).toMatchObject({ code: -32_603 });
  const text = await written(started);
  expect(text).toContain("more failures in this minute are left out");
  expect(text.length).toBeLessThan(64 * 1024);
});

test("the exit quotes the line of stderr that says why, and not the last one", async () => {
  const started = await start();
  await rejectionOf(started.channel.request("now"));
  expect(await started.channel.request("die")).toBe("soon");
  const { message, stderr } = await started.channel.closed;
  expect(message).toBe("The worker exited with code 1 (on stderr: TypeError: no such table).");
  expect(stderr).toContain("one more line");
  await waitFor(() => started.lines.length > 0);
});
