// Messages that are nearly right: the shared vectors, changed at random, the same for the same seed.

/** Numbers from 0 to 2^32 - 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof createRandom>;

/** Pieces of JSON and of messages, likely to be near some border. */
const PIECES: readonly string[] = [
  ...'{ } [ ] : , " \\ \t 0 - + . e E 1 n t f /'.split(" "),
  " ",
  '"jsonrpc":"2.0"',
  '"jsonrpc":"1.0"',
  '"jsonrpc":2',
  '"\\u006asonrpc":"2.0"',
  '"jsonrpc":"\\u0032.0"',
  ...["1", "-1", "0", "-0", "1.0", "1e2", "1E400", "9007199254740993", "123456789012345678901234567890", "0.1"].map(
    (number) => `"id":${number}`,
  ),
  ...['""', '"x"', '"\\u0031"', '"\\ud800"', '"\\ud83d\\ude00"', '"é"', "null", "true", "{}", "[1]"].map(
    (value) => `"id":${value}`,
  ),
  '"\\u0069d":3',
  '"method":"echo"',
  '"method":"\\u0065cho"',
  '"method":"nobody"',
  '"method":"\\ud800"',
  '"method":"$/nobody"',
  '"method":"$/ping"',
  '"method":""',
  '"method":null',
  '"method":7',
  '"params":null',
  '"params":1',
  '"params":"x"',
  '"params":[]',
  '"params":{}',
  '"params":[1]',
  '"params":[[1,2],"x"]',
  '"params":{"message":[{"a":1}]}',
  '"params":{"message":1,"message":2}',
  '"params":{"\\u006dessage":null}',
  '"params":{"\\ud800":1,"message":2}',
  '"params":{"__proto__":1,"message":{"__proto__":2}}',
  '"result":1',
  '"result":null',
  '"error":{"code":1,"message":"m"}',
  '"error":null',
  '"\\ud800":1',
  "null",
  "true",
  "false",
  "\\ud83d",
  "\\u00e9",
  "é",
  "\u{1F600}",
  "\u2028",
  "\u00a0",
  "\ufeff",
  "\u0000",
  "\u001f",
  "\u007f",
  "\u0085",
  "[".repeat(125),
  "[".repeat(130),
  "]".repeat(125),
  "]".repeat(130),
];

const ENDS_NO_LINE = /[\r\n]/g;

/** One frame without line ends, in bytes: a message that has been changed a few times, or a batch of such. */
export function mutated(random: Random, seeds: readonly string[]): Uint8Array {
  const pick = (list: readonly string[]): string => list[random(list.length)] ?? "";
  let text = random(3) === 0 ? assembled(random, pick) : pick(seeds);
  if (random(12) === 0) text = `[${text},${pick(seeds)}]`;
  for (let changes = random(4); changes > 0; changes--) text = changed(text, random, pick);
  const bytes = Buffer.from(text.replace(ENDS_NO_LINE, " "));
  if (random(25) === 0 && bytes.length > 0) bytes[random(bytes.length)] = [0x80, 0xc3, 0xed, 0xff, 0xf5][random(5)]!;
  return bytes;
}

/** An object of members that belong into messages, in any order and number. */
function assembled(random: Random, pick: (list: readonly string[]) => string): string {
  const members = PIECES.filter((piece) => piece.includes('":'));
  const count = random(6);
  const chosen = Array.from({ length: count }, () => pick(members));
  if (random(4) > 0) chosen.splice(random(2) * random(count + 1), 0, '"jsonrpc":"2.0"');
  return `{${chosen.join(",")}}`;
}

function changed(text: string, random: Random, pick: (list: readonly string[]) => string): string {
  const at = random(text.length + 1);
  const until = Math.min(text.length, at + 1 + random(random(4) === 0 ? 20 : 3));
  switch (random(7)) {
    case 0:
      return text.slice(0, at) + text.slice(until);
    case 1:
      return text.slice(0, at) + pick(PIECES) + text.slice(until);
    case 2:
      return text.slice(0, at) + pick(PIECES) + text.slice(at);
    case 3:
      return text.slice(0, at);
    case 4:
      return text.slice(0, at) + text.slice(at, until).repeat(2) + text.slice(until);
    default:
      return withMember(text, random, pick);
  }
}

/** With one more member at the beginning or before the end, or with one of its members replaced. */
function withMember(text: string, random: Random, pick: (list: readonly string[]) => string): string {
  const member = pick(PIECES.filter((piece) => piece.includes('":')));
  const end = text.lastIndexOf("}");
  switch (random(3)) {
    case 0:
      return text.replace("{", `{${member},`);
    case 1:
      return end === -1 ? text : `${text.slice(0, end)},${member}${text.slice(end)}`;
    default:
      return text.replace(/"(?:id|method|params|jsonrpc)":(?:"[^"]*"|[\w.+-]+)/, () => member);
  }
}
