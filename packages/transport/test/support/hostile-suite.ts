import { describe, expect, onTestFinished, test, vi } from "vitest";
import { RpcError, type CreateChannelOptions, type RequestHandler } from "../../src/index.js";
import { openPair, rejectionOf, type Pair } from "./channels.js";
import { RETURNED, STREAMED, THROWN } from "./hostile.js";
import { readAll, settle } from "./streams.js";

type Options = Pick<CreateChannelOptions, "framing" | "codec">;

/** Whatever a handler does, its request is answered once, and nothing else suffers. */
export function describeHostileHandlers(
  name: string,
  options: () => Options,
  connect: (left: CreateChannelOptions, right: CreateChannelOptions) => Pair = openPair,
): void {
  interface Opened extends Pair {
    /** The handler's request is over, nothing is left of it, and the next one works. */
    readonly isWell: (ignored?: number) => Promise<void>;
  }

  function open(handler: RequestHandler): Opened {
    const onUnhandled = vi.fn();
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const pair = connect({ ...options(), timeout: 5_000 }, options());
    pair.right.onRequest("hostile", handler);
    pair.right.onRequest("good", () => 5);
    const isWell = async (ignored = 0): Promise<void> => {
      await pair.right.idle();
      expect(await pair.left.request("good")).toBe(5);
      await settle();
      // Over a network a late answer may take a while.
      await expect.poll(() => pair.left.stats()).toMatchObject({ inFlight: 0, answersIgnored: ignored });
      expect(onUnhandled.mock.calls).toEqual([]);
    };
    return { ...pair, isWell };
  }

  describe(`over ${name}, whatever a handler does`, () => {
    test.each(THROWN)("when it throws %s the request is answered with an error", async (_, thrown) => {
      const { left, isWell } = open(() => {
        throw thrown();
      });
      const error = await rejectionOf(left.request("hostile"));
      expect(error).toBeInstanceOf(RpcError);
      expect([7, -32603]).toContain((error as RpcError).code);
      await isWell();
    });

    test.each(THROWN)("when it rejects with %s the request is answered with an error", async (_, thrown) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- handlers do
      const { left, isWell } = open(async () => Promise.reject(thrown()));
      const error = await rejectionOf(left.request("hostile"));
      expect(error).toBeInstanceOf(RpcError);
      expect([7, -32603]).toContain((error as RpcError).code);
      await isWell();
    });

    test.each([...RETURNED, ...STREAMED])(
      "when it returns %s its request is answered with an error",
      async (_, handler) => {
        const { left, isWell } = open(handler);
        expect(await rejectionOf(left.request("hostile"))).toBeInstanceOf(RpcError);
        await isWell();
      },
    );

    test.each([...RETURNED, ...STREAMED])("when it returns %s its stream ends with an error", async (_, handler) => {
      const { left, isWell } = open(handler);
      const { items, error } = await readAll(left.stream("hostile"));
      expect(error).toBeInstanceOf(RpcError);
      expect(items.every((item) => item === 1)).toBe(true);
      await isWell();
    });

    test.each([...RETURNED, ...STREAMED])("when it returns %s a batch with it is answered", async (_, handler) => {
      const { left, isWell } = open(handler);
      const outcomes = await left.batch([{ method: "good" }, { method: "hostile" }, { method: "good" }]);
      expect(outcomes).toMatchObject([{ value: 5 }, { status: "rejected" }, { value: 5 }]);
      await isWell();
    });

    test.each([...RETURNED, ...STREAMED])(
      "when an interceptor returns %s the request is answered",
      async (_, result) => {
        const { left, right } = connect(options(), {
          ...options(),
          handlerInterceptors: [({ params, context }) => result(params, context)],
        });
        right.onRequest("m", () => 5);
        expect(await rejectionOf(left.request("m", {}, { timeout: 5_000 }))).toBeInstanceOf(RpcError);
        await right.idle();
      },
    );

    test("when a stream never gives its next item and never returns, a cancel ends it", async () => {
      const never = new Promise<never>(() => undefined);
      const { left, isWell } = open(() => ({
        [Symbol.asyncIterator]: () => ({ next: async () => never, return: async () => never }),
      }));
      const stream = left.stream("hostile");
      const first = stream.next();
      await settle();
      await stream.return?.();
      expect(await first).toEqual({ done: true, value: undefined });
      // The answer to what was cancelled.
      await isWell(1);
    });

    test.each([
      ["a value", (value: unknown) => value],
      ["a promise", async (value: unknown) => Promise.resolve(value)],
      [
        "a stream",
        async function* (value: unknown) {
          yield value;
        },
      ],
    ])(
      "when %s closes the channel while it is encoded, the other side hears of the end and nothing throws",
      async (_, wrap) => {
        const { left, right } = open(() =>
          wrap({
            get member(): number {
              void right.close();
              return 1;
            },
          }),
        );
        expect((await readAll(left.stream("hostile"))).error).toMatchObject({ code: "CHANNEL_CLOSED" });
        await right.idle();
      },
    );

    test.each([
      ["a promise that never settles", () => new Promise(() => undefined)],
      [
        "an endless stream",
        async function* () {
          for (;;) yield 1;
        },
      ],
    ])("when it closes the channel and returns %s, nothing of it goes on", async (_, result) => {
      let signal: AbortSignal | undefined;
      const { left, right } = open((_params, context) => {
        signal = context.signal;
        void right.close();
        return result();
      });
      expect(await rejectionOf(left.request("hostile"))).toMatchObject({ code: "CHANNEL_CLOSED" });
      await right.idle();
      expect(right.stats().running).toBe(0);
      expect(signal?.aborted).toBe(true);
    });
  });
}
