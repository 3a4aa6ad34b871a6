import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openWithPeer, rejectionOf, type Opened } from "../support/channels.js";

const answer = (id: number, result: unknown): string => JSON.stringify({ jsonrpc: "2.0", id, result });

/** A channel with requests 1 to 3 in flight. */
async function openBusy(): Promise<Opened & { readonly calls: Promise<unknown>[] }> {
  const opened = openWithPeer();
  const calls = ["a", "b", "c"].map((method) => opened.channel.request(method));
  for (const call of calls) {
    call.catch(() => undefined);
    await opened.peer.next();
  }
  return { ...opened, calls };
}

describe("a print glued to messages", () => {
  test.each([
    ["before one", `42% done${answer(1, "A")}`, ["42% done"]],
    ["after one", `${answer(1, "A")}done`, ["done"]],
    ["before and after one", `[info] ${answer(1, "A")} [end]`, ["[info] ", " [end]"]],
    ["that has quotes", `say "hi" ${answer(1, "A")}`, ['say "hi" ']],
    ["that has an open quote", `5" disk ${answer(1, "A")}`, ['5" disk ']],
    ["that has brackets", `map{k: [1} ${answer(1, "A")}`, ["map{k: [1} "]],
    ["that is JSON", `{"level":"info"}${answer(1, "A")}`, ['{"level":"info"}']],
    ["that begins like a message", `{"jsonrpc" is a key ${answer(1, "A")}`, ['{"jsonrpc" is a key ']],
    ["that is not ASCII", `größer als 5 €: ${answer(1, "ü")}`, ["größer als 5 €: "]],
  ])("%s does not lose the message", async (_, line, texts) => {
    const { peer, calls, noise, errors, channel } = await openBusy();
    peer.sendText(`${line}\n`);
    expect(await calls[0]).toMatch(/[Aü]/);
    expect(noise).toEqual(texts);
    expect(errors).toEqual([]);
    expect(channel.stats()).toMatchObject({ succeeded: 1, inFlight: 2 });
  });

  test("between three on one line loses none of them, in order", async () => {
    const { peer, calls, noise } = await openBusy();
    peer.sendText(`one ${answer(1, 1)} two ${answer(2, 2)}${answer(3, '{"}')} three\n`);
    expect(await Promise.all(calls)).toEqual([1, 2, '{"}']);
    expect(noise).toEqual(["one ", " two ", " three"]);
  });

  test("of bytes that are no UTF-8 does not lose the message, nor alter it", async () => {
    const { peer, calls, noise } = await openBusy();
    const print = Buffer.from("caf\xe9 ", "latin1");
    peer.toChannel.write(Buffer.concat([print, Buffer.from(`${answer(1, "é\ufffd")}\n`)]));
    expect(await calls[0]).toBe("é\ufffd");
    expect(noise).toEqual(["caf\ufffd "]);
  });

  test("in front of a request and a notification does not lose them either", async () => {
    const { channel, peer, noise } = openWithPeer();
    const seen: unknown[] = [];
    channel.onRequest("five", () => 5);
    channel.onNotification("log", (params: unknown) => seen.push(params));
    peer.sendText('..{"jsonrpc":"2.0","method":"log","params":[1]}..{"jsonrpc":"2.0","id":"x","method":"five"}\n');
    expect(await peer.next()).toMatchObject({ id: "x", result: 5 });
    expect(seen).toEqual([[1]]);
    expect(noise).toEqual(["..", ".."]);
  });

  test("in front of a batch does not lose its messages", async () => {
    const { peer, calls } = await openBusy();
    peer.sendText(`note: [${answer(1, 1)},${answer(2, 2)}]\n`);
    expect(await Promise.all(calls.slice(0, 2))).toEqual([1, 2]);
  });
});

describe("a print on a line of its own", () => {
  test.each([
    "hello",
    '{"level":"info","msg":"started"}',
    '{"id":7,"level":"info"}',
    "42",
    '"text"',
    "null",
    "true",
    "[]",
    "[1,2,3]",
    '["a","b"]',
    '[{"level":"info"},{"level":"warn"}]',
    "{}",
    "{broken",
    "\u001b[32mgreen\u001b[0m",
  ])("%s goes to onNoise, once, and to nobody else", async (line) => {
    const { peer, noise, errors, channel } = openWithPeer();
    peer.sendText(`${line}\n`);
    await peer.roundTrip();
    expect(noise).toEqual([line]);
    expect(errors).toEqual([]);
    expect(peer.seen).toHaveLength(1);
    expect(channel.stats()).toMatchObject({ noiseBytes: line.length, requestsReceived: 1 });
  });

  test("is told as it is, without the end of its line", async () => {
    const { peer, noise } = openWithPeer();
    peer.sendText("  indented\t\r\nlast\n");
    await peer.roundTrip();
    expect(noise).toEqual(["  indented\t", "last"]);
  });

  test("that claims to be a message, and is none, is an error and no noise", async () => {
    const { peer, noise, errors } = openWithPeer();
    peer.sendText('{"jsonrpc":"2.0","level":"info"}\n');
    await peer.roundTrip();
    expect(noise).toEqual([]);
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
  });

  test("is answered with an error by the side that serves: nobody prints into its stdin", async () => {
    const { peer, noise } = openWithPeer({ answersUnreadable: true, onError: () => undefined });
    peer.sendText('hello\n{"level":"info"}\n');
    expect(await peer.next()).toMatchObject({ id: null, error: { code: -32700 } });
    expect(await peer.next()).toMatchObject({ id: null, error: { code: -32600 } });
    expect(noise).toEqual([]);
  });
});

describe("a print that forges an answer", () => {
  test("to a request that is not in flight is ignored and counted", async () => {
    const { channel, peer, noise, errors } = openWithPeer();
    peer.sendText(`${answer(12, "forged")}\nglued ${answer(13, "forged")}\n`);
    await peer.roundTrip();
    expect(channel.stats()).toMatchObject({ answersIgnored: 2, succeeded: 0 });
    expect(noise).toEqual(["glued "]);
    expect(errors).toEqual([]);
  });

  test("without the jsonrpc member settles nothing", async () => {
    const { channel, peer, calls, noise } = await openBusy();
    peer.sendText('{"id":1,"result":"forged"}\n');
    await peer.roundTrip();
    expect(noise).toEqual(['{"id":1,"result":"forged"}']);
    expect(channel.stats().inFlight).toBe(3);
    peer.sendText(`${answer(1, "true")}\n`);
    expect(await calls[0]).toBe("true");
  });

  test("inside of a text of an answer is a part of that answer", async () => {
    const { peer, calls, channel } = await openBusy();
    peer.sendText(`${answer(1, `quoted: ${answer(2, "forged")}`)}\n`);
    expect(await calls[0]).toContain("forged");
    expect(channel.stats().inFlight).toBe(2);
  });

  test("inside of an answer that can't be read settles nobody else's request", async () => {
    const { peer, calls, channel } = await openBusy();
    const deep = "[".repeat(200) + "]".repeat(200);
    peer.sendText(`{"jsonrpc":"2.0","id":1,"result":{"log":${answer(2, "forged")},"deep":${deep}}}\n`);
    expect(await rejectionOf(calls[0] ?? Promise.resolve())).toMatchObject({ code: "MESSAGE_MALFORMED", method: "a" });
    expect(channel.stats()).toMatchObject({ inFlight: 2, succeeded: 0 });
  });

  test("is not searched for without end in a line that begins so again and again", async () => {
    const { peer, noise } = openWithPeer();
    const line = '{"jsonrpc"'.repeat(20_000);
    peer.sendText(`${line}\n`);
    await peer.roundTrip();
    expect(noise.join("")).toBe(line);
  });
});

describe("the noise budget", () => {
  test("counts texts glued to messages as well", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxNoiseBytesPerMinute: 1_000 } });
    peer.sendText(`${"x".repeat(600)}${answer(9, 1)}${"y".repeat(600)}\n`);
    expect(await channel.closed).toMatchObject({ code: "FRAME_MALFORMED" });
    expect(channel.stats().noiseBytes).toBe(1_200);
  });

  test("may be used up to its last byte, and not beyond; a short text counts as 64 bytes", async () => {
    const { channel, peer, noise } = openWithPeer({ limits: { maxNoiseBytesPerMinute: 1_000 } });
    peer.sendText(`${"x".repeat(1_000 - 64)}\na\n`);
    await peer.roundTrip();
    expect(noise).toHaveLength(2);
    peer.sendText("b\n");
    expect(await channel.closed).toMatchObject({ code: "FRAME_MALFORMED" });
    expect(noise).toHaveLength(2);
  });

  test("is a new one after a minute, for whole minutes on end", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { channel, peer, noise } = openWithPeer({ limits: { maxNoiseBytesPerMinute: 1_000 } });
    for (let minute = 1; minute <= 3; minute++) {
      peer.sendText(`${"x".repeat(900)}\n`);
      await peer.roundTrip();
      expect(noise).toHaveLength(minute);
      vi.advanceTimersByTime(60_000);
    }
    peer.sendText(`${"x".repeat(900)}\n${"x".repeat(900)}\n`);
    expect(await channel.closed).toMatchObject({ code: "FRAME_MALFORMED" });
  });
});
