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

In JSON a number may have any number of digits, and \`JSON.parse\` rounds it to the nearest one that JavaScript has. Here
that never happens in silence: the option \`bigIntegers\` of \`JsonCodec\` decides what becomes of a number that would be
altered, in results, error data, params and items alike.

- A number of 2^53 or more is faithful if the number that arrives prints the same digits, to as many places as were
  written. That covers every number written by a program that uses 64-bit floats, too.
- A number too large for a float is altered, and so is one that is not 0 and would become 0.
- Any other fraction becomes the nearest float, as it does in every language.
- An \`id\` is echoed exactly as it was written.

The default is \`"reject"\`: most code expects numbers, and a bigint or a string in their place fails far from the cause, or
goes wrong without failing (\`"1" + 1\`). If your peer has 64-bit integers, choose once, where you make the channel.

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
