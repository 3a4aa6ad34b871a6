import { JsonCodec } from "@procwire/transport";
import { inspect } from "node:util";

/** Numbers as a peer in another language may write them. */
const LITERALS: readonly string[] = [
  ...["9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551615"],
  ...["9223372036854776000", "9007199254740993.0", "1e21", "1e400", "1e-400", "5e-324", "0.1000000000000000055", "-0"],
];
const WAYS = ["reject", "bigint", "string", "number"] as const;

const HEAD = `
## Numbers that others write

In JSON a number may have any number of digits, and \`JSON.parse\` takes the nearest one that JavaScript has. What a peer
writes is never altered in silence: the option \`bigIntegers\` of \`JsonCodec\` says what becomes of it, in results, data of
errors, params and items alike.

- A number of 2^53 or more is faithful when the number that arrives says the same digits, to as many places as were
  written. So is every number that was written by somebody who has the same kind of numbers (64-bit floats).
- Beyond the largest number, and what is not 0 and would become 0, is altered.
- Any other fraction means the nearest number, as in every language that has floats.
- An \`id\` is echoed by its text, whatever it is.

The default is \`"reject"\`: most code expects numbers, and a bigint or a text in place of one fails far from its cause, or
does not fail and is wrong (\`"1" + 1\`). Who talks to a peer with 64-bit integers chooses once, where the channel is made.

| what is written | \`"reject"\` | \`"bigint"\` | \`"string"\` | \`"number"\` |
|---|---|---|---|---|
`;

/** What becomes of each, by each way of \`bigIntegers\`. */
export function receivedNumbers(): string {
  const codecs = WAYS.map((bigIntegers) => new JsonCodec({ bigIntegers }));
  return (
    HEAD +
    LITERALS.map((text) => `| ${[text, ...codecs.map((codec) => outcome(codec, text))].join(" | ")} |\n`).join("")
  );
}

function outcome(codec: JsonCodec, text: string): string {
  try {
    return `\`${inspect(codec.parse(text))}\``;
  } catch {
    return "refused";
  }
}
