import { createChannel } from "../../../src/index.js";
import { FakeLink } from "../../support/fake-link.js";
import { Random } from "../../support/random.js";
import { microtasks } from "./explore.js";

const STEPS = 14;

interface Answer {
  readonly id: unknown;
  readonly error?: { readonly code: number };
}

/** The serving side: handlers that finish when the round says so. */
export async function serve(seed: number): Promise<void> {
  const random = new Random(seed);
  const link = new FakeLink();
  const log: string[] = [];
  const errors: unknown[] = [];
  const channel = createChannel({
    link,
    answersUnreadable: true,
    onError: (error) => errors.push(error),
  });
  const running = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  const signals: AbortSignal[] = [];
  const expected = new Map<number, string>();
  const settle = (id: number, how: string): void => {
    if (!isOver && expected.get(id) === "") expected.set(id, how);
  };
  const batches: number[][] = [];
  let isOver = false;
  let lastId = 0;
  channel.onRequest("m", (_params, { id, signal }) => {
    signals.push(signal);
    return new Promise((resolve, reject) => running.set(id as number, { resolve, reject }));
  });
  const steps: (() => void)[] = [
    () => {
      if (isOver) return;
      lastId += 1;
      log.push(`request ${lastId}`);
      expected.set(lastId, "");
      link.deliver({ id: lastId, method: "m" });
    },
    () => {
      if (isOver) return;
      const ids = Array.from({ length: 1 + random.below(3) }, () => ++lastId);
      log.push(`batch ${ids.join()}`);
      for (const id of ids) expected.set(id, "");
      batches.push(ids);
      link.deliverBatch(...ids.map((id) => ({ id, method: "m" })), { method: "n" });
    },
    () => {
      const id = 1 + random.below(lastId + 1);
      log.push(`cancel ${id}`);
      link.deliver({ method: "$/cancelRequest", params: { id } });
      settle(id, "error -32800");
    },
    () => {
      const id = 1 + random.below(lastId + 1);
      const kind = random.pick(["resolves", "rejects", "resolves badly"]);
      log.push(`handler ${id} ${kind}`);
      if (kind === "rejects") running.get(id)?.reject(new Error("no"));
      else running.get(id)?.resolve(kind === "resolves" ? 1 : 1n);
      finishing.push([id, kind === "resolves" ? "result" : "error -32603"]);
    },
    () => {
      if (isOver || random.below(5) > 0) return;
      log.push("the end");
      if (random.below(2) === 0) link.end();
      else void channel.close();
      isOver = true;
    },
  ];
  // A handler's promise is heard a microtask later: until then the cancel may come first.
  const finishing: [number, string][] = [];
  for (let step = 0; step < STEPS; step++) {
    random.pick(steps)();
    if (finishing.length > 0 || random.below(2) === 0) {
      const raced = random.below(2) === 0 ? random.pick(steps.slice(2, 3)) : undefined;
      raced?.();
      await microtasks();
      for (const [id, how] of finishing.splice(0)) settle(id, how);
    }
  }
  void channel.close();
  await microtasks();
  const frames = link.sent as (Answer | Answer[])[];
  for (const ids of batches) {
    // All answers of a batch come as one, or none does.
    const isComplete = ids.every((id) => expected.get(id) !== "");
    const answers = frames.filter(
      (frame) => Array.isArray(frame) && frame.some(({ id }) => ids.includes(id as number)),
    );
    if (answers.length !== (isComplete ? 1 : 0))
      throw new Error(`batch ${ids.join()} was answered ${answers.length} times\n${log.join("\n")}`);
    if (!isComplete) for (const id of ids) expected.set(id, "");
  }
  for (const [id, how] of expected) {
    const answers = frames
      .flat()
      .filter((message) => message.id === id)
      .map(({ error }) => (error === undefined ? "result" : `error ${error.code}`));
    const wanted = how === "" ? [] : [how];
    if (JSON.stringify(answers) !== JSON.stringify(wanted)) {
      throw new Error(
        `request ${id} was answered ${JSON.stringify(answers)}, not ${JSON.stringify(wanted)}\n${log.join("\n")}`,
      );
    }
  }
  if (channel.stats().running !== 0 || errors.length > 0) throw new Error(`something is left\n${log.join("\n")}`);
}
