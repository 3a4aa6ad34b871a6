import { servesOn, servesOrEnds, type Scenario } from "../scenario.js";

const ANNOUNCED = ["content-length", "length"] as const;

/** How frames are cut, and frames that are broken. */
export const bytes: readonly Scenario[] = [
  servesOn({
    name: "one-byte-at-a-time",
    what: "sends a request byte by byte",
    act: async (worker, trial) => {
      const params = { text: "ä€😀" };
      const text = JSON.stringify({ jsonrpc: "2.0", id: "slow", method: trial.target.method, params });
      for (const byte of worker.frame(text)) await worker.writeAll(Buffer.of(byte));
      trial.expect(await worker.waitFor(() => worker.answersTo("slow").length === 1), "does not answer it");
    },
  }),
  servesOn({
    name: "many-in-one-chunk",
    what: "sends 100 requests and half of another one in one chunk, and the rest later",
    act: async (worker, trial) => {
      const { method } = trial.target;
      const frames = Array.from({ length: 101 }, (_, at) =>
        worker.frame(JSON.stringify({ jsonrpc: "2.0", id: `many ${at}`, method, params: {} })),
      );
      const all = Buffer.concat(frames);
      const answered = (count: number): boolean =>
        Array.from({ length: count }, (_, at) => worker.answersTo(`many ${at}`)).every(({ length }) => length === 1);
      await worker.writeAll(all.subarray(0, -20));
      trial.expect(await worker.waitFor(() => answered(100)), "does not answer all 100");
      await worker.writeAll(all.subarray(-20));
      trial.expect(await worker.waitFor(() => answered(101)), "does not answer the last one");
    },
  }),
  servesOn({
    name: "line-ends",
    what: "ends lines with CR LF, and sends empty lines",
    framings: ["line"],
    act: async (worker, trial) => {
      const text = JSON.stringify({ jsonrpc: "2.0", id: "crlf", method: trial.target.method, params: {} });
      worker.write(`\n\r\n${text}\r\n\n`);
      trial.expect(await worker.waitFor(() => worker.answersTo("crlf").length === 1), "does not answer it");
    },
  }),
  servesOn({
    name: "not-utf8",
    what: "sends a frame with bytes that are no UTF-8",
    act: (worker, trial) => {
      const head = `{"jsonrpc":"2.0","id":"bytes","method":${JSON.stringify(trial.target.method)},"params":{"text":"`;
      worker.sayText(Buffer.concat([Buffer.from(head), Buffer.of(0xff, 0xfe, 0xc3, 0x28), Buffer.from('"}}')]));
    },
  }),
  servesOrEnds({
    name: "binary",
    what: "sends 64 KiB of every byte there is",
    // A length of four bytes may be any number: a worker rightly waits for what it announces.
    framings: ["line", "content-length"],
    act: (worker) => {
      worker.write(Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 7) % 256)));
      worker.write("\n");
    },
  }),
  servesOrEnds({
    name: "announces-nonsense",
    what: "announces a length that is none",
    framings: ["content-length"],
    act: (worker) => worker.write("Content-Length: -5\r\n\r\nContent-Length: 1e1\r\n\r\nContent-Length: abc\r\n\r\n{}"),
  }),
  servesOrEnds({
    name: "announces-two-lengths",
    what: "announces two lengths for one frame",
    framings: ["content-length"],
    act: (worker) => worker.write("Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}"),
  }),
  {
    name: "endless-header",
    what: "sends 64 MiB of header lines without their end",
    must: "does not keep all of it in memory",
    framings: ["content-length"],
    run: (trial) =>
      trial.withWorker(async (worker) => {
        const block = "X-Header: value\r\n".repeat(4_096);
        for (let sent = 0; sent < 64 * 2 ** 20 && !worker.hasEnded; sent += block.length) await worker.writeAll(block);
        worker.endStdin();
        await trial.expectGone(worker, "the end of its stdin");
      }),
  },
  {
    name: "announces-4-gb",
    what: "announces a frame of 4 GB, sends a little of it and stops",
    must: "does not take the memory, and ends with its stdin",
    framings: ANNOUNCED,
    run: (trial) =>
      trial.withWorker(async (worker) => {
        const isHeader = trial.target.framing === "content-length";
        await worker.writeAll(isHeader ? "Content-Length: 4294967295\r\n\r\n{}" : Buffer.of(255, 255, 255, 255, 123));
        await worker.waitFor(() => false, 200);
        worker.endStdin();
        await trial.expectGone(worker, "the end of its stdin");
      }),
  },
];
