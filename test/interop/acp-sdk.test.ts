// The SDK of the Agent Client Protocol: its agent under our channel, its client over ours.

import { spawn, type ChildProcess } from "node:child_process";
import { Readable, Writable } from "node:stream";
import { client, methods, ndJsonStream } from "@agentclientprotocol/sdk";
import { acp, createStdioChannel, type Channel } from "@procwire/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";

interface Update {
  readonly update: { readonly content?: { readonly text?: string } };
}

describe("an agent made with the SDK, our channel", () => {
  let channel: Channel;
  const said: unknown[] = [];
  const prompt = (text: string, options = {}): Promise<unknown> =>
    channel.request("session/prompt", { sessionId: "s1", prompt: [{ type: "text", text }] }, options);

  beforeAll(async () => {
    channel = await createStdioChannel(process.execPath, {
      args: typescript(fixture("acp-agent.ts")),
      dialect: acp,
      timeout: 20_000,
      stderr: "ignore",
    });
    channel.onRequest("fs/read_text_file", () => ({ content: "of a file" }));
    channel.onNotification("session/update", ({ update }: Update) => void said.push(update.content?.text));
  });
  afterAll(() => channel.close());

  test("initialize, a session, a prompt with its updates and a request of the agent", async () => {
    const hello = channel.request("initialize", { protocolVersion: 1, clientCapabilities: {} });
    const session = channel.request("session/new", { cwd: "/", mcpServers: [] });
    expect(await hello).toMatchObject({ protocolVersion: 1 });
    expect(await session).toMatchObject({ sessionId: "s1" });
    expect(await prompt("hi")).toEqual({ stopReason: "end_turn" });
    expect(said).toEqual(["hi", "of a file", "0"]);
  });

  test("a cancel reaches the agent, which answers it", async () => {
    const { answersIgnored } = channel.stats();
    const controller = new AbortController();
    const waiting = prompt("wait", { signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(() => said.at(-1)).toBe("waiting");
    controller.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ message: "enough" });
    await prompt("again");
    expect(said.at(-1)).toBe("1");
    expect(channel.stats().answersIgnored).toBe(answersIgnored + 1);
  });

  test("the end of its input ends it", async () => {
    await channel.close();
    expect(channel.state).toBe("closed");
  });
});

describe("a client made with the SDK, an agent made with serveStdio", () => {
  let child: ChildProcess;
  afterAll(() => child.kill("SIGKILL"));

  test("initialize, a session, a prompt with its updates, and a cancel", async () => {
    const spawned = spawn(process.execPath, typescript(fixture("acp-worker.ts")), {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child = spawned;
    const said: unknown[] = [];
    const output = Readable.toWeb(spawned.stdout) as ReadableStream<Uint8Array>;
    await client({ name: "the SDK's" })
      .onRequest(methods.client.fs.readTextFile, () => ({ content: "of a file" }))
      .onNotification(methods.client.session.update, ({ params }) => {
        said.push((params as Update).update.content?.text);
      })
      .connectWith(ndJsonStream(Writable.toWeb(spawned.stdin), output), async (agent) => {
        await agent.request(methods.agent.initialize, { protocolVersion: 1, clientCapabilities: {} });
        const { sessionId } = await agent.request(methods.agent.session.new, { cwd: "/", mcpServers: [] });
        const prompt = (text: string, options = {}): Promise<unknown> =>
          agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: "text", text }] }, options);
        expect(await prompt("hi")).toMatchObject({ stopReason: "end_turn" });
        expect(said).toEqual(["hi", "of a file", "0"]);
        const controller = new AbortController();
        const waiting = prompt("wait", { cancellationSignal: controller.signal }).catch((error: unknown) => error);
        await expect.poll(() => said.at(-1)).toBe("waiting");
        controller.abort();
        expect(await waiting).toMatchObject({ code: -32800 });
        await prompt("again");
        expect(said.at(-1)).toBe("1");
      });
  });
});
