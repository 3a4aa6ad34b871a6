import { describe, expect, test } from "vitest";
import { openWithPeer, type Opened } from "../support/channels.js";

function openServer(): Opened {
  const opened = openWithPeer({ answersUnreadable: true, onError: () => undefined });
  opened.channel.onRequest("five", () => 5);
  opened.channel.onRequest("later", async () => Promise.resolve(5));
  return opened;
}

/** The next line that the channel writes, as it was on the wire. */
async function nextLine({ peer }: Opened, text: string): Promise<string> {
  peer.sendText(`${text}\n`);
  await peer.next();
  return peer.lines.at(-1) ?? "";
}

/** Numbers whose digits JavaScript would not give back among them. */
const NUMBERS = [
  "0",
  "1",
  "-1",
  "1.5",
  "1.0",
  "-0",
  "0.0",
  "1e3",
  "1E+3",
  "1e-7",
  "1e400",
  "9007199254740991",
  "9007199254740993",
  "12345678901234567890",
  "-12345678901234567890",
  "0.1000000000000000055511151231257827021181583404541015625",
  "1".repeat(400),
];
const TEXTS = [
  '""',
  '"1"',
  '"null"',
  '"a b"',
  '"\\""',
  '"\\\\"',
  '"\\n"',
  '"ä😀"',
  '"\\u0000"',
  `"${"long".repeat(5_000)}"`,
];

describe("the id of a request is echoed byte for byte", () => {
  test.each([...NUMBERS, ...TEXTS, "null"].map((id) => [id.length > 60 ? `${id.slice(0, 60)}...` : id, id]))(
    "%s",
    async (_, id) => {
      const opened = openServer();
      const answer = `{"jsonrpc":"2.0","id":${id},"result":5}`;
      expect(await nextLine(opened, `{"jsonrpc":"2.0","id":${id},"method":"five"}`)).toBe(answer);
      expect(await nextLine(opened, `{"jsonrpc":"2.0","id":${id},"method":"later"}`)).toBe(answer);
      expect(await nextLine(opened, `{"id":${id},"method":"five","jsonrpc":"2.0"}`)).toBe(answer);
      expect(await nextLine(opened, `{"jsonrpc":"2.0","method":"five","params":{"id":7},"id" : ${id} }`)).toBe(answer);
      expect(await nextLine(opened, `[{"method":"five","jsonrpc":"2.0","id":${id}}]`)).toBe(`[${answer}]`);
    },
  );

  test.each(NUMBERS)("in an error too: %s", async (id) => {
    const opened = openServer();
    const line = await nextLine(opened, `{"jsonrpc":"2.0","id":${id},"method":"none"}`);
    expect(line).toContain(`"id":${id},"error"`);
    expect(await nextLine(opened, `{"jsonrpc":"2.0","id":${id},"method":7}`)).toContain(`"id":${id},"error"`);
  });

  test("also when the error's message contains what an id looks like", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("fail", () => {
      throw new Error('"id":null, $& $1');
    });
    peer.sendText('{"jsonrpc":"2.0","id":"$&","method":"fail"}\n');
    expect(await peer.next()).toMatchObject({ id: "$&", error: { message: '"id":null, $& $1' } });
  });

  test("a text is echoed by its value: an escape that JSON does not need is not kept", async () => {
    const opened = openServer();
    expect(await nextLine(opened, '{"jsonrpc":"2.0","id":"\\u0061\\/","method":"five"}')).toContain('"id":"a/"');
  });

  test("a lone surrogate stays what it is", async () => {
    const opened = openServer();
    expect(await nextLine(opened, '{"jsonrpc":"2.0","id":"\\ud800","method":"five"}')).toContain('"id":"\\ud800"');
  });

  test("of several id members the last counts, as for every JSON parser", async () => {
    const opened = openServer();
    const line = await nextLine(opened, '{"jsonrpc":"2.0","id":1,"method":"five","id":2.0}');
    expect(line).toBe('{"jsonrpc":"2.0","id":2.0,"result":5}');
    expect(await nextLine(opened, '{"jsonrpc":"2.0","id":1.0,"\\u0069d":3,"method":"five"}')).toContain('"id":3,');
  });
});

describe("ids that look alike", () => {
  test('1, "1", 1.5 and null run side by side', async () => {
    const { channel, peer } = openServer();
    const finish: (() => void)[] = [];
    channel.onRequest("slow", () => new Promise<void>((resolve) => void finish.push(resolve)));
    const given = ["1", '"1"', "1.5", "null", "12345678901234567890"];
    peer.sendText(given.map((id) => `{"jsonrpc":"2.0","id":${id},"method":"slow"}\n`).join(""));
    await peer.roundTrip();
    expect(channel.stats().running).toBe(given.length);
    for (const end of finish) end();
    for (const id of given) {
      await peer.next();
      expect(peer.lines).toContain(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    }
  });

  test.each([
    ["12345678901234567890", '"exact number 12345678901234567890"', '"\\u000012345678901234567890"'],
    ["1.50", '"1.50"', '"\\u00001.50"'],
    ['"\\u0000"', '"\\u0000\\u0000"', '""'],
  ])("a number is never taken for a text, however it is spelt: %s, %s, %s", async (...given) => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    for (const id of given) peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"stuck"}\n`);
    await peer.roundTrip();
    expect(channel.stats().running).toBe(given.length);
  });

  test("may be any numbers: far apart, negative, with the same last digits, thousands at once", async () => {
    const { channel, peer } = openServer();
    const finish: (() => void)[] = [];
    channel.onRequest("slow", () => new Promise<void>((resolve) => void finish.push(resolve)));
    const ids = Array.from({ length: 1_500 }, (_, at) =>
      at % 3 === 0 ? at : at % 3 === 1 ? -at * 65_536 : at * 2 ** 40,
    );
    peer.send(...ids.map((id) => ({ id, method: "slow" })), { id: ids[7], method: "slow" });
    await expect.poll(() => channel.stats().running).toBe(ids.length);
    expect(await peer.next()).toMatchObject({ id: ids[7], error: { code: -32600 } });
    for (const end of finish.reverse()) end();
    await expect.poll(() => channel.stats().running).toBe(0);
    await expect.poll(() => peer.seen.length).toBe(ids.length + 1);
    expect(new Set(peer.seen.map(({ id }: { id: number }) => id))).toEqual(new Set(ids));
  });

  test("are the same id when their values are: the second is refused while the first runs", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    peer.sendText('{"jsonrpc":"2.0","id":1.0,"method":"stuck"}\n{"jsonrpc":"2.0","id":1,"method":"stuck"}\n');
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32600 } });
    expect(channel.stats().running).toBe(1);
  });

  test("are cancelled each by its own", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    for (const id of ["1", '"1"', "null"]) peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"stuck"}\n`);
    for (const id of ['"1"', "null", "1"]) {
      peer.sendText(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id}}}\n`);
      expect(await peer.next()).toMatchObject({ id: JSON.parse(id) as unknown, error: { code: -32800 } });
    }
  });

  test.each(NUMBERS)("%s can be cancelled, and its progress names it as it came", async (id) => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", async (_params, context) => {
      await context.progress("half");
      await new Promise(() => undefined);
    });
    peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"stuck"}\n`);
    await peer.next();
    expect(peer.lines.at(-1)).toBe(`{"jsonrpc":"2.0","method":"$/progress","params":{"token":${id},"value":"half"}}`);
    peer.sendText(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id}}}\n`);
    await peer.next();
    expect(peer.lines.at(-1)).toContain(`"id":${id},"error"`);
  });

  test("beyond 2^53 that differ in their last digit are cancelled each by its own", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    const ids = ["9007199254740993", "9007199254740992", "9007199254740994"];
    for (const id of ids) peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"stuck"}\n`);
    for (const id of ids) {
      peer.sendText(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"x":[{"id":1}],"id" : ${id} }}\n`);
      await peer.next();
      expect(peer.lines.at(-1)).toContain(`"id":${id},"error"`);
    }
    expect(channel.stats().running).toBe(0);
  });

  test.each(["12345678901234567890", "2.50"])("the inputs and items of %s name it as it came", async (id) => {
    const { channel, peer } = openServer();
    channel.onRequest("double", async function* (_params, { input }) {
      for await (const item of input as AsyncIterable<number>) yield item * 2;
    });
    const about = (method: string, rest: string): string =>
      `{"jsonrpc":"2.0","method":"$/${method}","params":{"id":${id}${rest}}}\n`;
    peer.sendText(about("input/open", "") + about("stream/pull", ',"count":9'));
    peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"double"}\n`);
    await peer.next();
    expect(`${peer.lines.at(-1)}\n`).toBe(about("input/pull", ',"count":4'));
    peer.sendText(about("input/items", ',"items":[1,2]') + about("input/end", ""));
    await expect.poll(() => peer.lines.at(-1)).toBe(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    expect(`${peer.lines.at(-2)}\n`).toBe(about("stream/items", ',"items":[2,4]'));
  });

  test("an exact one names the stream that it asks for", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("items", async function* () {
      yield 1;
    });
    peer.sendText('{"jsonrpc":"2.0","method":"$/stream/pull","params":{"id":2.0,"count":5}}\n');
    peer.sendText('{"jsonrpc":"2.0","id":2.0,"method":"items"}\n');
    expect(await peer.next()).toMatchObject({ method: "$/stream/items", params: { id: 2, items: [1] } });
    await peer.next();
    expect(peer.lines.at(-1)).toBe('{"jsonrpc":"2.0","id":2.0,"result":null}');
  });

  test.each(["{}", '{"id":true}', '{"id":[]}', "[]"])("a cancel with the params %s cancels nothing", async (params) => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    for (const id of ["0", '""', "null"]) peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"stuck"}\n`);
    peer.sendText(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":${params}}\n`);
    await peer.roundTrip();
    expect(channel.stats().running).toBe(3);
  });
});

describe("an invalid id", () => {
  test.each(["true", "false", "{}", "[]", "[1]", '{"id":1}'])("%s is refused with -32600", async (id) => {
    const { peer } = openServer();
    peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"five"}\n`);
    expect(await peer.next()).toMatchObject({ id: null, error: { code: -32600 } });
    peer.sendText(`[{"jsonrpc":"2.0","id":${id},"method":"five"},{"jsonrpc":"2.0","id":1,"method":"five"}]\n`);
    expect(await peer.next()).toMatchObject([
      { id: null, error: { code: -32600 } },
      { id: 1, result: 5 },
    ]);
  });

  test.each(["01", "+1", ".5", "0x1", "NaN", "'a'", '"a', '"a\tb"', '"\u0001"'])(
    "%s is no JSON: -32700 with an id of null, and the channel lives",
    async (id) => {
      const { peer } = openServer();
      peer.sendText(`{"jsonrpc":"2.0","id":${id},"method":"five"}\n`);
      expect(await peer.next()).toMatchObject({ id: null, error: { code: -32700 } });
      peer.send({ id: 1, method: "five" });
      expect(await peer.next()).toMatchObject({ id: 1, result: 5 });
    },
  );

  test("with broken UTF-8 in it is not guessed: -32700 with an id of null", async () => {
    const { peer } = openServer();
    const text = '{"jsonrpc":"2.0","id":"?","method":"five"}\n';
    peer.toChannel.write(Buffer.from(text.replace("?", "\xff"), "latin1"));
    expect(await peer.next()).toMatchObject({ id: null, error: { code: -32700 } });
  });
});

describe("an answer's id", () => {
  test.each(["1.0", "1e0", "10e-1", "1"])(
    "%s is that of request 1: numbers are compared by their value",
    async (id) => {
      const { channel, peer } = openWithPeer();
      const call = channel.request("m");
      await peer.next();
      peer.sendText(`{"jsonrpc":"2.0","id":${id},"result":"yes"}\n`);
      expect(await call).toBe("yes");
    },
  );

  test.each(['"1"', "1.5", "0", "-1", "4294967297", "65", "null", "1e400", "12345678901234567890"])(
    "%s is not that of request 1",
    async (id) => {
      const { channel, peer } = openWithPeer();
      const call = channel.request("m");
      await peer.next();
      peer.sendText(`{"jsonrpc":"2.0","id":${id},"result":"no"}\n`);
      await peer.roundTrip();
      expect(channel.stats()).toMatchObject({ inFlight: 1, answersIgnored: 1 });
      peer.send({ id: 1, result: "yes" });
      expect(await call).toBe("yes");
    },
  );
});
