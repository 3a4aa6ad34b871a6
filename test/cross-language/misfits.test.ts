import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import { createChannel, JsonCodec, LengthPrefixedFraming, type Channel } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { isAnswered, type Misfit } from "../../packages/transport/src/channel/input/misfits.js";
import { waitFor } from "../support/wait-for.js";

type Outcome = "answers" | "fails" | "nothing" | "ends";

interface Row {
  readonly kind: Misfit["kind"];
  readonly isAnswer: boolean | null;
  readonly hasId: boolean;
  readonly about: string;
  readonly serves: Outcome;
  readonly calls: Outcome;
  readonly code?: number;
  readonly vectors?: readonly Vector[];
  readonly never?: string;
}

type Vector = { readonly json: string } | { readonly msgpack: string };

interface Answer {
  readonly id: unknown;
  readonly error?: { readonly code: number };
}

const { limit, rows } = JSON.parse(readFileSync(new URL("../vectors/misfits.json", import.meta.url), "utf8")) as {
  readonly limit: number;
  readonly rows: readonly Row[];
};

/** All of them: a kind more does not compile. */
const KINDS = Object.keys({ invalid: 0, unreadable: 0, oversized: 0 } satisfies Record<Misfit["kind"], 0>);

function payloadOf(vector: Vector): Buffer {
  if ("json" in vector) return Buffer.from(vector.json.replace("{long}", "x".repeat(limit)));
  return Buffer.from(vector.msgpack.replace("{long}", "78".repeat(limit)), "hex");
}

/** The other side of a channel over length prefixes, by hand. */
class Peer {
  readonly channel: Channel;
  readonly messages: Answer[] = [];
  readonly #codec: JsonCodec | MessagePackCodec;
  readonly #toChannel = new PassThrough();
  #rest: Uint8Array = new Uint8Array();

  constructor(vector: Vector, serves: boolean) {
    this.#codec = "json" in vector ? new JsonCodec() : new MessagePackCodec();
    const fromChannel = new PassThrough();
    fromChannel.on("data", (chunk: Uint8Array) => {
      this.#read(chunk);
    });
    this.channel = createChannel({
      readable: this.#toChannel,
      writable: fromChannel,
      framing: new LengthPrefixedFraming(),
      codec: this.#codec,
      limits: { maxMessageBytes: limit },
      answersUnreadable: serves,
      onError: () => undefined,
    });
    this.channel.onRequest("after", () => 1);
    onTestFinished(() => this.channel.close());
  }

  #read(chunk: Uint8Array): void {
    let rest = Buffer.concat([this.#rest, chunk]);
    for (let end = endOf(rest); end <= rest.length; end = endOf(rest)) {
      this.messages.push(this.#codec.decode(rest, 4, end) as Answer);
      rest = rest.subarray(end);
    }
    this.#rest = rest;
  }

  send(payload: Uint8Array): void {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(payload.length);
    this.#toChannel.write(Buffer.concat([prefix, payload]));
  }

  sendRequest(): void {
    const text = '{"jsonrpc":"2.0","id":"after","method":"after"}';
    this.send(this.#codec instanceof JsonCodec ? Buffer.from(text) : this.#encoded(JSON.parse(text)));
  }

  #encoded(value: unknown): Uint8Array {
    return Buffer.from((this.#codec as MessagePackCodec).encode(value) as Uint8Array);
  }
}

/** Where the first frame ends. */
function endOf(bytes: Buffer): number {
  return bytes.length < 4 ? Infinity : 4 + bytes.readUInt32BE();
}

test.each(
  KINDS.flatMap((kind) =>
    [null, false, true].flatMap((isAnswer) => [false, true].map((hasId) => [kind, isAnswer, hasId] as const)),
  ),
)("%s, an answer: %s, with an id: %s: has a row that says the same, and a vector or a reason why not", (...key) => {
  const found = rows.filter((row) => key.join() === [row.kind, row.isAnswer, row.hasId].join());
  expect(found).toHaveLength(1);
  const { kind, isAnswer, hasId, serves, calls, vectors = [], never } = found[0]!;
  expect(vectors.length > 0 || never !== undefined).toBe(true);
  const misfit = { kind, reason: "", id: hasId ? 1 : undefined, isAnswer: isAnswer ?? undefined };
  expect(isAnswered(misfit, true)).toBe(serves === "answers");
  // Where the link ends nobody asks any more.
  if (calls !== "ends") expect(isAnswered(misfit, false)).toBe(calls === "answers");
});

test("there is no row beside these", () => {
  expect(rows).toHaveLength(KINDS.length * 3 * 2);
});

describe.each(["serves", "calls"] as const)("a side that %s", (side) => {
  const vectors = rows.flatMap((row) =>
    (row.vectors ?? []).map((vector) => ({ ...row, vector, text: JSON.stringify(vector) })),
  );

  test.each(vectors)("$kind: $about: $text", async ({ [side]: outcome, code, hasId, isAnswer, vector }) => {
    const peer = new Peer(vector, side === "serves");
    const question = isAnswer === true ? peer.channel.request("question") : undefined;
    let failure: unknown;
    question?.catch((error: unknown) => (failure = error));
    if (question !== undefined) await waitFor(() => peer.messages.length === 1);
    peer.messages.length = 0;
    peer.send(payloadOf(vector));
    if (outcome === "ends") {
      expect(await peer.channel.closed).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
      return;
    }
    if (outcome === "fails") {
      await waitFor(() => failure !== undefined);
      expect((failure as { code: unknown }).code).toMatch(/^MESSAGE_(MALFORMED|TOO_LARGE)$/);
    } else {
      expect(failure).toBeUndefined();
    }
    peer.sendRequest();
    await waitFor(() => peer.messages.some(({ id }) => id === "after"));
    const said = peer.messages.slice(0, -1).map(({ id, error }) => ({ id, code: error?.code }));
    expect(said).toEqual(outcome === "answers" ? [{ id: hasId ? 1 : null, code }] : []);
  });
});
