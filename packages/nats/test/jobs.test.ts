import { ChannelError, RpcError } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../../test/support/wait-for.js";
import { rejectionOf } from "../../transport/test/support/channels.js";
import {
  openJobs,
  serveJobs,
  type Jobs,
  type JobsOptions,
  type JobWorker,
  type ServeJobsOptions,
} from "../src/index.js";
import { createChannel, createMemoryLinks, type Channel } from "@procwire/transport";
import { newService } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

async function open(options: JobsOptions): Promise<Jobs> {
  const jobs = await openJobs(options);
  onTestFinished(() => jobs.close());
  return jobs;
}

async function work(options: ServeJobsOptions, serve: (worker: Channel) => void): Promise<JobWorker> {
  const [here, there] = createMemoryLinks();
  const [target, worker] = [createChannel({ link: here }), createChannel({ link: there })];
  serve(worker);
  const jobWorker = await serveJobs(target, { minDelayMs: 5, maxDelayMs: 20, ...options });
  onTestFinished(async () => {
    await Promise.all([target.close(), worker.close()]);
    await jobWorker.close();
  });
  return jobWorker;
}

describeWithServer("jobs", (server) => {
  const at = (): { service: string; servers: string } => ({ service: newService(), servers: server().url });

  test("are done when there is a worker, and their results are had by id from anywhere", async () => {
    const where = at();
    const jobs = await open(where);
    const { id } = await jobs.submit("add", { a: 1, b: 2 }, { id: "one/1" });
    expect(await jobs.counts()).toEqual({ queued: 1, results: 0, dead: 0 });
    await work(where, (worker) => worker.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b));
    expect(await jobs.result(id)).toBe(3);
    expect(await (await open(where)).result("one/1")).toBe(3);
    expect(await jobs.run("add", { a: 2, b: 2 })).toBe(4);
    await waitFor(() => true);
    expect(await jobs.counts()).toMatchObject({ results: 2, dead: 0 });
  });

  test("of the same id are done once, before and after the first is done", async () => {
    const where = at();
    let runs = 0;
    const jobs = await open(where);
    expect(await jobs.submit("count", {}, { id: "x" })).toEqual({ id: "x", isDuplicate: false });
    expect(await jobs.submit("count", {}, { id: "x" })).toEqual({ id: "x", isDuplicate: true });
    await work(where, (worker) => worker.onRequest("count", () => (runs += 1)));
    expect(await jobs.result("x")).toBe(1);
    expect(await jobs.submit("count", {}, { id: "x" })).toEqual({ id: "x", isDuplicate: true });
    expect(await jobs.run("count", {}, { id: "x" })).toBe(1);
    expect(runs).toBe(1);
  });

  test("that fail for a reason that may pass are tried again; those that are given up are kept with the cause", async () => {
    const where = at();
    let attempts = 0;
    const jobs = await open(where);
    await work({ ...where, attempts: 3 }, (worker) => {
      worker.onRequest("flaky", () => {
        attempts += 1;
        if (attempts < 3) throw new Error("not yet");
        return attempts;
      });
      worker.onRequest("broken", () => {
        throw new Error("never");
      });
      worker.onRequest("refuse", () => {
        throw new RpcError(4711, "no", { data: [1] });
      });
    });
    expect(await jobs.run("flaky")).toBe(3);
    expect(await rejectionOf(jobs.run("broken"))).toMatchObject({ code: -32603, message: "never" });
    expect(await rejectionOf(jobs.run("refuse"))).toMatchObject({ code: 4711, data: [1], method: "refuse" });
    expect(await jobs.counts()).toMatchObject({ dead: 2 });
    const letters = await jobs.deadLetters();
    expect(letters).toMatchObject([
      { method: "broken", attempts: 3, cause: { code: -32603, message: "never" } },
      { method: "refuse", attempts: 1, cause: { code: 4711 } },
    ]);
  });

  test("survive their worker: another one does them", async () => {
    const where = at();
    const jobs = await open(where);
    const [here, there] = createMemoryLinks();
    const [target, worker] = [createChannel({ link: here }), createChannel({ link: there })];
    worker.onRequest("work", () => new Promise(() => undefined));
    const first = await serveJobs(target, { ...where, minDelayMs: 5, maxDelayMs: 20 });
    const { id } = await jobs.submit("work");
    await waitFor(() => worker.stats().running === 1);
    await worker.close();
    await work(where, (other) => other.onRequest("work", () => "done"));
    expect(await jobs.result(id)).toBe("done");
    await first.close();
  });

  test("of one key are done one after the other, in order, by any number of workers", async () => {
    const where = at();
    const jobs = await open(where);
    const seen: number[] = [];
    let running = 0;
    const serve = (worker: Channel): void => {
      worker.onRequest("step", async ({ n }: { n: number }) => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        seen.push(n);
        running -= 1;
      });
    };
    const ids = [];
    for (let n = 0; n < 20; n++) ids.push((await jobs.submit("step", { n }, { key: "k" })).id);
    await work(where, serve);
    await work(where, serve);
    await Promise.all(ids.map((id) => jobs.result(id)));
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test("can be cancelled, while they wait and while they run", async () => {
    const where = at();
    const jobs = await open(where);
    await jobs.submit("work", {}, { id: "waiting" });
    expect(await jobs.cancel("waiting")).toBe(true);
    let runs = 0;
    let isAborted = false;
    const worker = await work(where, (serving) => {
      serving.onRequest("work", (_params, { signal }) => {
        runs += 1;
        signal.addEventListener("abort", () => (isAborted = true));
        return new Promise(() => undefined);
      });
    });
    await waitFor(() => worker.counts.duplicates === 1);
    expect(runs).toBe(0);
    expect(await rejectionOf(jobs.result("waiting"))).toMatchObject({ code: -32800 });
    await jobs.submit("work", {}, { id: "running" });
    await waitFor(() => runs === 1);
    expect(await jobs.cancel("running")).toBe(true);
    expect(await jobs.cancel("running")).toBe(false);
    await waitFor(() => isAborted);
    expect(await rejectionOf(jobs.result("running"))).toMatchObject({ code: -32800 });
  });

  test("are refused when as many wait as may", async () => {
    const jobs = await open({ ...at(), maxQueued: 2 });
    await jobs.submit("work");
    await jobs.submit("work");
    const refused = await rejectionOf(jobs.submit("work"));
    expect(refused).toBeInstanceOf(ChannelError);
    expect(refused).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
  });

  test("wait for a result no longer than they are told to", async () => {
    const jobs = await open(at());
    const { id } = await jobs.submit("work");
    expect(await rejectionOf(jobs.result(id, { timeout: 20 }))).toMatchObject({ code: "TIMEOUT", delivery: "unknown" });
    const abort = new AbortController();
    const waiting = rejectionOf(jobs.result(id, { signal: abort.signal }));
    abort.abort(new Error("enough"));
    expect(await waiting).toMatchObject({ message: "enough" });
  });
});
