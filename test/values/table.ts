import { inspect } from "node:util";
import { sendAll, ways, type Outcome, type Way } from "./echo.js";
import { receivedNumbers } from "./received.js";
import { samples, type Sample } from "./values.js";

/** Why values arrive altered. What is altered and is not here is a mistake. */
const REASONS: Readonly<Partial<Record<Way["codec"], Readonly<Record<string, string>>>>> = {
  JSON: {
    "a function": "JSON.stringify treats it like undefined",
    "a function in an object": "JSON.stringify treats it like undefined",
    "a symbol": "JSON.stringify treats it like undefined",
    "-0": "JSON.stringify drops the sign",
    "an instance of a class with fields": "its fields are sent",
    "an object with `toJSON`": "its toJSON says what is sent",
    "a `Date`": "its toJSON says what is sent",
    "a `Date` before 1970": "its toJSON says what is sent",
    "an object with `toJSON` that returns an object": "its toJSON says what is sent",
    "an object with `toJSON` that returns `undefined`": "a member that is undefined is left out",
    "an array with `toJSON`": "its toJSON says what is sent",
    "an array with `toJSON` beside a long string": "its toJSON says what is sent",
    "a `URL`": "its toJSON says what is sent",
    "a `Date` with a member": "its toJSON says what is sent",
    "a symbol in an object": "JSON.stringify treats it like undefined",
    "a function in an array": "JSON.stringify treats it like undefined",
    "a `Number` object": "its value is sent",
    "a `String` object": "its value is sent",
    "a `Boolean` object": "its value is sent",
    "an instance of a class with a private field": "its fields are sent; private ones are invisible",
  },
  MessagePack: {
    "5n": "a safe integer is a number",
    "a `Buffer`": "bytes are a Uint8Array",
    "an array with `toJSON`": "an array is its elements; toJSON is not called",
    "an array with `toJSON` beside a long string": "an array is its elements; toJSON is not called",
    "a `Date` with a member": "a Date is its time",
    "a `Uint8Array` with a member": "a typed array is its elements",
  },
};

/** With each codec. */
const COMMON_REASONS: Readonly<Record<string, string>> = {
  "`undefined` as the value": "a member that is undefined is left out, and a result that is undefined is null",
  "`undefined` in an object": "a member that is undefined is left out",
  "`undefined` in an array": "JSON.stringify does the same: an array keeps its length",
  "a hole in an array": "JSON.stringify does the same: an array keeps its length",
  "an object without a prototype": "it is a plain object on the other side",
  "an array with a member": "an array is its elements; looking for other members would cost more than sending it",
  "an array of a class of one's own": "an array is its elements",
  "an array with a hole between": "JSON.stringify does the same: an array keeps its length",
  "a symbol as a key": "keys are strings; symbols are skipped",
  "a member that is not enumerable": "it is hidden on purpose",
  "an `arguments` object": "its members are sent",
};

export interface Row {
  readonly sample: Sample;
  /** In the order of `ways`. */
  readonly outcomes: readonly Outcome[];
}

/** Sends every sample in every way. */
export async function measure(): Promise<Row[]> {
  const columns: Outcome[][] = [];
  for (const way of ways) columns.push(await sendAll(way));
  return samples.map((sample, at) => ({ sample, outcomes: columns.flatMap((outcomes) => outcomes[at] ?? []) }));
}

/** Why the value arrives altered; `undefined` where nothing is known of it. */
export function reasonFor({ name }: Sample, codec: Way["codec"]): string | undefined {
  return REASONS[codec]?.[name] ?? COMMON_REASONS[name];
}

const HEAD = `# What becomes of values

Written by \`npm run values\`, which sends each value to the method \`echo\` of a worker in Node (\`serveStdio\`) and of the
Rust worker, and compares what comes back; a test keeps this page true. A value arrives equal, or the
call fails, or it is altered in one of the ways below, for the reason given.

- **equal**: the same type, class and bits: -0 is not 0, and NaN is NaN.
- **refused**: the request rejects with that code: \`ENCODE_FAILED\` before anything is sent, a number when the worker
  refused it.
- **as ...**: what arrives instead.

| value | JSON | MessagePack | why it is altered |
|---|---|---|---|
`;

export function pageOf(rows: readonly Row[]): string {
  return HEAD + rows.map((row) => `${lineOf(row)}\n`).join("") + receivedNumbers();
}

function lineOf({ sample, outcomes }: Row): string {
  const cells = (["JSON", "MessagePack"] as const).map((codec) => cellOf(codec, outcomes));
  const altered = ways.filter((_, at) => outcomes[at]?.kind === "altered").map(({ codec }) => reasonFor(sample, codec));
  return `| ${[sample.name, ...cells, [...new Set(altered)].join("; ")].join(" | ")} |`;
}

/** One statement where both workers agree. */
function cellOf(codec: Way["codec"], outcomes: readonly Outcome[]): string {
  const said = ways.flatMap((way, at) => {
    const outcome = outcomes[at];
    return way.codec === codec && outcome !== undefined ? [{ worker: way.worker, text: inWords(outcome) }] : [];
  });
  const texts = new Set(said.map(({ text }) => text));
  if (texts.size === 1) return [...texts].join("");
  return said.map(({ worker, text }) => `${worker}: ${text}`).join("; ");
}

function inWords(outcome: Outcome): string {
  if (outcome.kind === "equal") return "equal";
  if (outcome.kind === "error") return `refused, ${outcome.code}`;
  return `as \`${inspect(outcome.to, { breakLength: Infinity, maxStringLength: 40 })}\``;
}
