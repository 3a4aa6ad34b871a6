import { describe, expect, onTestFinished, test, vi } from "vitest";
import { rejectionOf } from "../support/channels.js";
import { AT_ONCE, openSupervised, settle, started, type Supervised } from "./support/supervised.js";

const IDEMPOTENT = { idempotent: true } as const;

/** Resolves when the worker that was started as the so manieth has been asked for the method. */
async function asked(supervised: Supervised, count: number, method: string): Promise<void> {
  const worker = await started(supervised, count);
  const deadline = Date.now() + 5_000;
  while (!worker.methods.includes(method)) {
    if (Date.now() > deadline) throw new Error(`worker ${count} was not asked for ${method}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("an idempotent request", () => {
  test("is sent again to the next worker when one dies over it; another is not", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    const twice = channel.request("twice", { a: 1 }, IDEMPOTENT);
    const once = rejectionOf(channel.request("once"));
    worker().die();
    expect(await once).toMatchObject({ code: "WORKER_EXITED" });
    await asked(supervised, 2, "twice");
    expect(worker().sent).toMatchObject([{ method: "twice", params: { a: 1 } }]);
    worker().answer("twice", 2);
    expect(await twice).toBe(2);
    expect(channel.stats()).toMatchObject({ repeated: 1, restarts: 1 });
  });

  test("keeps its deadline over all workers, and its signal", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    const controller = new AbortController();
    const late = rejectionOf(channel.request("late", {}, { ...IDEMPOTENT, timeout: 60 }));
    const left = rejectionOf(channel.request("left", {}, { ...IDEMPOTENT, signal: controller.signal }));
    worker().die();
    await asked(supervised, 2, "left");
    controller.abort(new Error("mine"));
    expect(await left).toMatchObject({ message: "mine" });
    const error = await late;
    expect(error).toMatchObject({ code: "TIMEOUT", delivery: "unknown" });
    expect((error as Error).message).toContain("no answer within 60 ms");
    expect(channel.stats().inFlight).toBe(0);
  });

  test("times out when its time is up, however late the worker died", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { channel, worker } = await openSupervised();
    const late = rejectionOf(channel.request("late", {}, { ...IDEMPOTENT, timeout: 1_000 }));
    await vi.advanceTimersByTimeAsync(600);
    worker().die();
    await vi.advanceTimersByTimeAsync(410);
    expect(await late).toMatchObject({ code: "TIMEOUT" });
  });

  test("that two workers have died over is refused a third", async () => {
    const supervised = await openSupervised();
    const poison = rejectionOf(supervised.channel.request("poison", {}, IDEMPOTENT));
    supervised.worker().die("SIGKILL");
    await asked(supervised, 2, "poison");
    supervised.worker().die("SIGKILL");
    expect(await poison).toMatchObject({
      code: "QUARANTINED",
      method: "poison",
      delivery: "unknown",
      signal: "SIGKILL",
    });
    const third = await started(supervised, 3);
    await settle();
    expect(third.sent).toEqual([]);
  });

  test("among others is not blamed for workers that were killed from outside", async () => {
    const supervised = await openSupervised({ restart: { ...AT_ONCE, maxRestarts: 100 } });
    const { channel, worker } = supervised;
    const answers = Promise.all(["a", "b", "c"].map((method) => channel.request(method, {}, IDEMPOTENT)));
    for (let life = 1; life <= 5; life += 1) {
      for (const method of ["a", "b", "c"]) await asked(supervised, life, method);
      worker().die("SIGKILL");
    }
    for (const method of ["a", "b", "c"]) await asked(supervised, 6, method);
    worker().answerAll();
    expect(await answers).toEqual(["a", "b", "c"]);
  });

  test("rejects with the exit when the budget of restarts is used up, and at close()", async () => {
    const exhausted = await openSupervised({ restart: { ...AT_ONCE, maxRestarts: 0 } });
    const failed = rejectionOf(exhausted.channel.request("m", {}, IDEMPOTENT));
    exhausted.worker().die();
    expect(await failed).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown" });
    const closed = await openSupervised();
    const refused = rejectionOf(closed.channel.request("m", {}, IDEMPOTENT));
    await closed.channel.close();
    expect(await refused).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown" });
  });

  test("with inputs is not sent again: they have been read", async () => {
    const { channel, worker } = await openSupervised();
    const failed = rejectionOf(channel.request("m", {}, { ...IDEMPOTENT, input: [1, 2] }));
    worker().die();
    expect(await failed).toMatchObject({ code: "WORKER_EXITED" });
  });

  test("answered with an error, or refused before it is sent, is not sent again", async () => {
    const { channel, worker } = await openSupervised();
    const refused = rejectionOf(channel.request("m", {}, IDEMPOTENT));
    const { id } = worker().sent[0]!;
    worker().link.deliver({ id, error: { code: -32000, message: "busy" } });
    expect(await refused).toMatchObject({ code: -32000 });
    expect(await rejectionOf(channel.request("m", { n: 1n }, IDEMPOTENT))).toMatchObject({ code: "ENCODE_FAILED" });
    expect(worker().sent).toHaveLength(1);
  });

  test("whose option is no boolean is refused", async () => {
    const { channel, worker } = await openSupervised();
    const options = { idempotent: "yes" } as never;
    expect(await rejectionOf(channel.request("m", {}, options))).toBeInstanceOf(TypeError);
    expect(worker().sent).toEqual([]);
  });

  test("with an option that there is not is refused, as any other request", async () => {
    const { channel, worker } = await openSupervised();
    const options = { idempotent: true, timeuot: 5 } as never;
    const error = await rejectionOf(channel.request("m", {}, options));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain("Did you mean timeout?");
    expect(worker().link.sent).toEqual([]);
  });

  test("whose option throws when it is read rejects with that", async () => {
    const { channel } = await openSupervised();
    const options = Object.defineProperty({}, "idempotent", {
      get: () => {
        throw new Error("not now");
      },
    });
    expect(await rejectionOf(channel.request("m", {}, options))).toMatchObject({ message: "not now" });
  });
});

test("a channel sends again no more requests than it has answers for, and a thousand", async () => {
  const supervised = await openSupervised({ restart: { ...AT_ONCE, maxRestarts: 100 } });
  const { channel, worker } = supervised;
  const outcomes = Array.from({ length: 1_500 }, (_, n) => channel.request("m", { n }, IDEMPOTENT).catch(String));
  worker().die("SIGKILL");
  const second = await started(supervised, 2);
  await settle();
  expect(channel.stats().repeated).toBe(1_024);
  second.answer("m", "ok");
  const settled = await Promise.all(outcomes);
  expect(settled.filter((outcome) => outcome === "ok")).toHaveLength(1_024);
  expect(settled.filter((outcome) => String(outcome).includes("SIGKILL"))).toHaveLength(476);
});
