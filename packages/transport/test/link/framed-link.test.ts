import { expect, test } from "vitest";
import type { ChannelError } from "../../src/index.js";
import {
  createMemoryByteLinks,
  LineDelimitedFraming,
  type FrameDecoder,
  type Framing,
  type LinkReceiver,
} from "../../src/index.js";
import { FramedLink } from "../../src/link/framed-link.js";
import { latin1, utf8 } from "../support/frames.js";

const LIMIT = 1_000;

/** Keeps what it is shown, as a codec may whose values are views of the frame. */
class Keeper implements LinkReceiver {
  readonly frames: Uint8Array[] = [];
  readonly said: string[] = [];

  arrived(bytes: number): void {
    this.said.push(`arrived ${bytes}`);
  }

  frame(bytes: Uint8Array, start: number, end: number): void {
    this.frames.push(bytes.subarray(start, end));
  }

  oversized(head: Uint8Array, bytes: number): void {
    this.said.push(`oversized ${bytes}, ${latin1(head.subarray(0, 2))}`);
  }

  cut(bytes: number): void {
    this.said.push(`cut ${bytes}`);
  }

  noise(line: string): void {
    this.said.push(`noise ${line}`);
  }

  end(cause: ChannelError): void {
    this.said.push(`end ${cause.code}: ${cause.message}`);
  }
}

/** One frame is one chunk, always shown in the same array. */
class ReusingFraming implements Framing {
  readonly name = "reusing";
  readonly carriesBinary = true;

  encode(): void {
    throw new Error("no frame today");
  }

  decoder(): FrameDecoder {
    const bytes = new Uint8Array(LIMIT);
    let end = 0;
    let isShown = true;
    return {
      bytes,
      start: 0,
      get end() {
        return end;
      },
      skippedBytes: 0,
      push: (chunk) => {
        bytes.set(chunk);
        end = chunk.length;
        isShown = false;
      },
      next: () => {
        if (isShown) return "more";
        isShown = true;
        return "frame";
      },
      unfinishedBytes: () => {
        throw new Error("who knows");
      },
    };
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function open(framing: Framing): { link: FramedLink; keeper: Keeper; say: (text: string) => void; hangUp: () => void } {
  const [near, far] = createMemoryByteLinks();
  const link = new FramedLink(near, framing, LIMIT);
  const keeper = new Keeper();
  link.start(keeper);
  return {
    link,
    keeper,
    say: (text) => {
      far.bytes(utf8(text));
    },
    hangUp: () => void far.close(),
  };
}

test("frames of a decoder that uses its array again are copied: what was shown stays as it was", async () => {
  const { keeper, say } = open(new ReusingFraming());
  say("first");
  say("second");
  await settled();
  expect(keeper.frames.map((frame) => latin1(frame))).toEqual(["first", "second"]);
});

test("frames of a decoder that keeps what it has shown are not copied", async () => {
  const { keeper, say } = open(new LineDelimitedFraming());
  say("a\nb\n");
  await settled();
  expect(keeper.frames.map((frame) => latin1(frame))).toEqual(["a", "b"]);
  expect(keeper.frames[0]?.buffer).toBe(keeper.frames[1]?.buffer);
});

test("a framing that throws ends the link: half a frame may be on its way", async () => {
  const { link, keeper, say } = open(new ReusingFraming());
  link.send("x");
  say("late");
  await settled();
  expect(keeper.said).toEqual(["end FRAME_MALFORMED: A message could not be framed: no frame today"]);
});

test("input that ends inside a frame is told before the end", async () => {
  const { keeper, say, hangUp } = open(new LineDelimitedFraming());
  say("abc");
  hangUp();
  await settled();
  expect(keeper.said).toEqual(["arrived 3", "cut 3", "end CHANNEL_CLOSED: The other side closed the link."]);
});

test("a decoder that can't say what is unfinished does not keep the end from being told", async () => {
  const { keeper, hangUp } = open(new ReusingFraming());
  hangUp();
  await settled();
  expect(keeper.said).toEqual(["end CHANNEL_CLOSED: The other side closed the link."]);
});

test("a frame above the limit is shown by its beginning", async () => {
  const { keeper, say } = open(new LineDelimitedFraming());
  say(`${"x".repeat(LIMIT + 1)}\n`);
  await settled();
  expect(keeper.said.at(-1)).toBe(`oversized ${LIMIT + 1}, xx`);
});
