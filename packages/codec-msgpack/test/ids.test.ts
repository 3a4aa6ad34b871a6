import { readFileSync } from "node:fs";
import {
  createChannel,
  createMemoryByteLinks,
  LengthPrefixedFraming,
  type Channel,
  type ByteLink,
} from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { rejectionOf } from "../../transport/test/support/channels.js";
import { settle } from "../../transport/test/support/streams.js";
import { MessagePackCodec } from "../src/index.js";

interface Named {
  readonly name: string;
  readonly id: string;
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../test/vectors/msgpack-ids.json", import.meta.url), "utf8"),
) as { readonly ids: readonly Named[]; readonly none: readonly Named[] };

const codec = new MessagePackCodec();
const encode = (value: unknown): Buffer => Buffer.from(codec.encode(value) as Uint8Array);

/** The members of a map one after the other, so that an id can have any bytes. */
function map(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const entries = Object.entries(members).flatMap(([name, value]) => [encode(name), value]);
  return Buffer.concat([Buffer.of(0x80 + entries.length / 2), ...entries]);
}

interface Peer {
  readonly channel: Channel;
  readonly frames: Buffer[];
  readonly send: (frame: Uint8Array) => void;
}

function open(): Peer {
  const [link, other] = createMemoryByteLinks();
  const framing = new LengthPrefixedFraming();
  const channel = createChannel({ link, framing, codec, answersUnreadable: true, onError: () => undefined });
  const frames: Buffer[] = [];
  const decoder = framing.decoder(1_000_000);
  other.start({
    data(chunk) {
      decoder.push(chunk);
      while (decoder.next() === "frame") frames.push(Buffer.from(decoder.bytes.subarray(decoder.start, decoder.end)));
    },
    end: () => undefined,
  });
  onTestFinished(async () => {
    await Promise.all([channel.close(), other.close()]);
  });
  return { channel, frames, send: (frame) => framing.encode(frame, other satisfies ByteLink) };
}

function request(id: Uint8Array, method: string): Buffer {
  return map({ jsonrpc: encode("2.0"), id, method: encode(method) });
}

function hasId(frame: Buffer | undefined, id: Uint8Array): boolean {
  return frame?.includes(Buffer.concat([encode("id"), id])) === true;
}

describe.each(vectors.ids)("a request whose id is $name", ({ id: hex }) => {
  const id = Buffer.from(hex, "hex");

  test.each(["now", "later"])("is answered with it, by a handler that is done %s", async (method) => {
    const { channel, frames, send } = open();
    channel.onRequest("now", () => 5);
    channel.onRequest("later", async () => Promise.resolve(5));
    send(request(id, method));
    await expect.poll(() => frames.length).toBe(1);
    expect(frames[0]).toEqual(map({ jsonrpc: encode("2.0"), id, result: encode(5) }));
    await channel.idle();
  });

  test("is refused while another with it runs, and is cancelled by it", async () => {
    const { channel, frames, send } = open();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    send(request(id, "stuck"));
    send(request(id, "stuck"));
    await expect.poll(() => frames.length).toBe(1);
    expect(hasId(frames[0], id)).toBe(true);
    expect(codec.decode(frames[0]!, 0, frames[0]!.length)).toMatchObject({ error: { code: -32600 } });
    send(map({ jsonrpc: encode("2.0"), method: encode("$/cancelRequest"), params: map({ id }) }));
    await channel.idle();
    await expect.poll(() => frames.length).toBe(2);
    expect(hasId(frames[1], id)).toBe(true);
    expect(codec.decode(frames[1]!, 0, frames[1]!.length)).toMatchObject({ error: { code: -32800 } });
  });
});

test.each(vectors.none)("$name is no id: -32600 with an id of null", async ({ id: hex }) => {
  const { channel, frames, send } = open();
  channel.onRequest("now", () => 5);
  send(request(Buffer.from(hex, "hex"), "now"));
  await expect.poll(() => frames.length).toBe(1);
  expect(codec.decode(frames[0]!, 0, frames[0]!.length)).toMatchObject({ id: null, error: { code: -32600 } });
});

test("an answer whose id is NaN is that of no request", async () => {
  const { channel, send } = open();
  const call = rejectionOf(channel.request("m"));
  send(map({ jsonrpc: encode("2.0"), id: encode(NaN), result: encode(5) }));
  await settle();
  expect(channel.stats()).toMatchObject({ inFlight: 1, answersIgnored: 1 });
  await channel.close();
  await call;
});
