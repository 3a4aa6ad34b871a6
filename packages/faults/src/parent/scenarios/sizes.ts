import { servesOn, servesOrEnds, summary, type Scenario } from "../scenario.js";

const MIB = 2 ** 20;

/** Much at once, in one message or in many. */
export const sizes: readonly Scenario[] = [
  servesOrEnds({
    name: "large-message",
    what: "sends a request of 32 MiB",
    act: async (worker, trial) => {
      const { method } = trial.target;
      const text = JSON.stringify({ jsonrpc: "2.0", id: "large", method, params: { text: "x".repeat(32 * MIB) } });
      await worker.writeAll(worker.frame(text));
      await worker.waitFor(() => worker.answersTo("large").length > 0 || worker.answersTo(null).length > 0);
      trial.note(summary([...worker.answersTo("large"), ...worker.answersTo(null)]));
    },
  }),
  servesOrEnds({
    name: "endless-line",
    what: "sends 256 MiB without the end of a line, and then the end",
    must: "does not keep all of it in memory, and serves on or ends",
    framings: ["line"],
    act: async (worker) => {
      const block = Buffer.alloc(MIB, "e");
      for (let sent = 0; sent < 256 && !worker.hasEnded; sent++) await worker.writeAll(block);
      worker.write("\n");
    },
  }),
  servesOn({
    name: "deep-nesting",
    what: "sends params of 100,000 arrays in arrays",
    act: async (worker, trial) => {
      const { method } = trial.target;
      const params = `[${"[".repeat(100_000)}${"]".repeat(100_000)}]`;
      worker.sayText(`{"jsonrpc":"2.0","id":"deep","method":${JSON.stringify(method)},"params":${params}}`);
      await worker.waitFor(() => worker.answersTo("deep").length > 0 || worker.answersTo(null).length > 0);
      trial.note(summary([...worker.answersTo("deep"), ...worker.answersTo(null)]));
    },
  }),
  servesOn({
    name: "many-values",
    what: "sends params of 2 million zeros",
    act: async (worker, trial) => {
      const { method } = trial.target;
      const params = `[${"0,".repeat(2_000_000)}0]`;
      worker.sayText(`{"jsonrpc":"2.0","id":"values","method":${JSON.stringify(method)},"params":${params}}`);
      await worker.waitFor(() => worker.answersTo("values").length > 0 || worker.answersTo(null).length > 0);
      trial.note(summary([...worker.answersTo("values"), ...worker.answersTo(null)]));
    },
  }),
  servesOn({
    name: "long-method",
    what: "requests a method whose name has 1 MiB",
    act: async (worker, trial) => {
      worker.ask("long", { method: "m".repeat(MIB) });
      await worker.waitFor(() => worker.answersTo("long").length > 0 || worker.answersTo(null).length > 0);
      trial.note(summary([...worker.answersTo("long"), ...worker.answersTo(null)]));
    },
  }),
  servesOn({
    name: "flood-of-requests",
    what: "makes 10,000 requests at once",
    must: "answers each exactly once and serves on",
    act: (worker, trial) => flood(worker, trial, "flood"),
  }),
  servesOn({
    name: "flood-of-notifications",
    what: "sends 100,000 notifications",
    act: async (worker) => {
      const one = worker.frame(JSON.stringify({ jsonrpc: "2.0", method: "procwire-faults/nobody knows", params: {} }));
      await worker.writeAll(Buffer.concat(Array.from({ length: 100_000 }, () => one)));
    },
  }),
  servesOn({
    name: "stops-reading",
    what: "makes 10,000 requests, and reads their answers a second later",
    must: "answers each exactly once and serves on",
    act: async (worker, trial) => {
      worker.stopReading();
      setTimeout(() => worker.readAgain(), 1_000);
      await flood(worker, trial, "unread");
    },
  }),
  servesOn({
    name: "stderr-unread",
    what: "makes 10,000 requests, and never reads stderr",
    must: "answers each exactly once and serves on",
    isStderrUnread: true,
    act: (worker, trial) => flood(worker, trial, "beside stderr"),
  }),
];

type Act = Parameters<typeof servesOn>[0]["act"];

async function flood(worker: Parameters<Act>[0], trial: Parameters<Act>[1], name: string): Promise<void> {
  const COUNT = 10_000;
  const { method, params } = trial.target;
  const frames = Array.from({ length: COUNT }, (_, at) =>
    worker.frame(JSON.stringify({ jsonrpc: "2.0", id: `${name} ${at}`, method, params })),
  );
  worker.write(Buffer.concat(frames));
  const own = (): unknown[] => worker.answers().flatMap(({ id }) => (String(id).startsWith(`${name} `) ? [id] : []));
  // Counting takes a moment, so it waits for the last one first.
  await worker.waitFor(() => worker.answers().length >= COUNT + 1, trial.target.patienceMs + 1_000);
  const ids = own();
  const different = new Set(ids).size;
  trial.expect(different === COUNT, `answered ${different} of ${COUNT}`);
  trial.expect(ids.length === different, `answered ${ids.length - different} of them twice`);
}
