import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { createChannel, LengthPrefixedFraming, type Channel } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";

async function connectedSockets(): Promise<[Socket, Socket]> {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const both: [Socket, Socket] = [client, await accepted];
  onTestFinished(() => {
    for (const socket of both) socket.destroy();
    server.close();
  });
  return both;
}

function open(socket: Socket): Channel {
  return createChannel({ readable: socket, writable: socket, framing: new LengthPrefixedFraming() });
}

describe("over sockets", () => {
  test("requests go both ways, large ones too", async () => {
    const [left, right] = (await connectedSockets()).map(open) as [Channel, Channel];
    left.onRequest("echo", ({ text }: { text: string }) => text);
    right.onRequest("echo", ({ text }: { text: string }) => text);
    const text = "é".repeat(2_000_000);
    const results = await Promise.all([left, right].map((side) => side.request<string>("echo", { text })));
    expect(results.every((result) => result === text)).toBe(true);
    await left.close();
    expect(await right.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    await right.close();
  });

  test("a connection that breaks rejects what waits", async () => {
    const [client, server] = await connectedSockets();
    const channel = open(client);
    const call = rejectionOf(channel.request("m"));
    server.resetAndDestroy();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED", method: "m" });
  });

  test("a connection that was destroyed before ends the channel", async () => {
    const [client] = await connectedSockets();
    client.destroy();
    await new Promise((resolve) => client.once("close", resolve));
    expect(await open(client).closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  });
});

test("a stream of text is read as UTF-8", async () => {
  const readable = new PassThrough().setEncoding("utf8");
  const channel = createChannel({ readable, writable: new PassThrough() });
  const seen = new Promise((resolve) => channel.onNotification("log", resolve));
  readable.write('{"jsonrpc":"2.0","method":"log","params":{"message":"é"}}\n');
  expect(await seen).toEqual({ message: "é" });
  await channel.close();
});

test("a writable that fails ends the channel, with the error as cause", async () => {
  const broken = new Error("disk full");
  const writable = new Writable({
    write: (_chunk, _encoding, callback) => {
      callback(broken);
    },
  });
  const channel = createChannel({ readable: new PassThrough(), writable });
  expect(await rejectionOf(channel.notify("m"))).toMatchObject({ code: "CHANNEL_CLOSED" });
  expect((await channel.closed).cause).toBe(broken);
});

test("a channel needs a link, or both streams", () => {
  expect(() => createChannel({})).toThrow(TypeError);
  expect(() => createChannel({ readable: new PassThrough() })).toThrow(TypeError);
});
