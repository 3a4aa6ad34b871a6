import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import {
  createChannel,
  createMemoryByteLinks,
  StreamLink,
  type Channel,
  type CreateChannelOptions,
} from "../../src/index.js";
import { CheckedLink } from "./checked-link.js";
import { assertFrame } from "./wire-schema.js";

/** How long a message may take that is expected to come. */
const PATIENCE_MS = 5_000;

type Options = Omit<CreateChannelOptions, "link" | "readable" | "writable">;

export interface Pair {
  readonly left: Channel;
  readonly right: Channel;
}

/** Two channels that are each other's other side; all that they say is checked; closed when the test is over. */
export function openPair(left: Options = {}, right: Options = {}): Pair {
  const [leftLink, rightLink] = createMemoryByteLinks();
  const pair = {
    left: createChannel({ ...left, link: new CheckedLink(leftLink, left) }),
    right: createChannel({ answersUnreadable: true, ...right, link: new CheckedLink(rightLink, right) }),
  };
  onTestFinished(async () => {
    await Promise.all([pair.left.close(), pair.right.close()]);
  });
  return pair;
}

/** The same over Node streams, which write what was said in a turn when the turn is over. */
export function openPipes(left: Options = {}, right: Options = {}): Pair {
  const [toLeft, toRight] = [new PassThrough(), new PassThrough()];
  const pair = {
    left: createChannel({ ...left, link: new CheckedLink(new StreamLink(toLeft, toRight), left) }),
    right: createChannel({
      answersUnreadable: true,
      ...right,
      link: new CheckedLink(new StreamLink(toRight, toLeft), right),
    }),
  };
  onTestFinished(async () => {
    await Promise.all([pair.left.close(), pair.right.close()]);
  });
  return pair;
}

/** A message as it was on the wire, in the shape that its reader expects. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the test knows what it made the channel say
type WireMessage = any;

/** The other side of a channel, by hand: sees each line that the channel writes, and writes what it likes. */
export class RawPeer {
  readonly toChannel: PassThrough = new PassThrough();
  readonly fromChannel: PassThrough = new PassThrough();
  /** Every message that has arrived, in order. */
  readonly seen: WireMessage[] = [];
  /** The same as text. */
  readonly lines: string[] = [];
  /** The number of chunks in which they came. */
  chunks = 0;
  /** What the channel wrote that is no message: fails the test when it is over. */
  readonly #problems: unknown[] = [];
  #taken = 0;
  #rest = "";

  constructor() {
    this.fromChannel.setEncoding("utf8").on("data", (chunk: string) => {
      this.chunks += 1;
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#see(line);
      this.fromChannel.emit("seen");
    });
    onTestFinished(() => {
      if (this.#problems.length > 0) throw new AggregateError(this.#problems, String(this.#problems[0]));
    });
  }

  #see(line: string): void {
    const message: unknown = JSON.parse(line);
    this.lines.push(line);
    this.seen.push(message);
    try {
      assertFrame(message);
    } catch (error) {
      this.#problems.push(error);
    }
  }

  /** The next message that the channel has written or will write. */
  async next(): Promise<WireMessage> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.seen.length <= this.#taken) {
      if (Date.now() > deadline) throw new Error("the channel wrote nothing more");
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.seen[this.#taken++];
  }

  /** Writes messages, all in one chunk. */
  send(...messages: readonly object[]): void {
    this.sendText(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
  }

  sendText(text: string): void {
    this.toChannel.write(text);
  }

  /** Asks and waits for the answer: everything that was sent before has been dealt with then. */
  async roundTrip(): Promise<WireMessage> {
    const before = this.seen.length;
    this.send({ id: `round trip ${before}`, method: "no such method" });
    for (;;) {
      const message = (await this.next()) as { readonly id?: unknown };
      if (message.id === `round trip ${before}`) return message;
    }
  }
}

export interface Opened {
  readonly channel: Channel;
  readonly peer: RawPeer;
  /** What the channel reported to `onError`. */
  readonly errors: unknown[];
  /** What the channel reported to `onNoise`. */
  readonly noise: string[];
}

/** A channel whose other side is the test; closed when the test is over. */
export function openWithPeer(options: Options = {}): Opened {
  const peer = new RawPeer();
  const errors: unknown[] = [];
  const noise: string[] = [];
  const channel = createChannel({
    onError: (error) => errors.push(error),
    onNoise: (text) => noise.push(text),
    ...options,
    readable: peer.toChannel,
    writable: peer.fromChannel,
  });
  onTestFinished(async () => {
    await channel.close();
  });
  return { channel, peer, errors, noise };
}

/** What a promise rejected with; throws when it did not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`resolved with ${JSON.stringify(value)}`);
}
