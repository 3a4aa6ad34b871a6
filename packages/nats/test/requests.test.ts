import { ChannelError, RpcError } from "@procwire/transport";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import { expect, test } from "vitest";
import { waitFor } from "../../../test/support/wait-for.js";
import { rejectionOf } from "../../transport/test/support/channels.js";
import { newService, openCaller, startMember } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

describeWithServer("a channel over NATS", (server) => {
  const at = (): { service: string; servers: string } => ({ service: newService(), servers: server().url });

  test("asks whichever member there is", async () => {
    const where = at();
    await startMember(where);
    const channel = await openCaller(where);
    expect(await channel.request("add", { a: 2, b: 40 })).toBe(42);
    expect(await channel.remote.add?.({ a: 1, b: 1 })).toBe(2);
    expect(channel.state).toBe("ready");
    expect(channel.health()).toMatchObject({ healthy: true, inFlight: 0 });
  });

  test("says at once that no member is there", async () => {
    const channel = await openCaller(at());
    const error = await rejectionOf(channel.request("add", { a: 1, b: 2 }));
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent", method: "add" });
  });

  test("hands on what the method answers as an error", async () => {
    const where = at();
    await startMember(where, (worker) => {
      worker.onRequest("fail", () => {
        throw new RpcError(4711, "no", { data: { why: ["x"] } });
      });
    });
    const channel = await openCaller(where);
    expect(await rejectionOf(channel.request("fail"))).toMatchObject({
      code: 4711,
      message: "no",
      data: { why: ["x"] },
    });
    expect(await rejectionOf(channel.request("nothing"))).toMatchObject({ code: -32601 });
  });

  test("says how the member's worker ended, and whether the request can have run", async () => {
    const where = at();
    const { worker } = await startMember(where, (serving) => {
      serving.onRequest("wait", () => new Promise(() => undefined));
    });
    const channel = await openCaller(where);
    const call = rejectionOf(channel.request("wait"));
    await waitFor(() => worker.stats().running === 1);
    await worker.close();
    expect(await call).toBeInstanceOf(ChannelError);
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown" });
  });

  test("cancels the work at the member that does it", async () => {
    const where = at();
    let reason: unknown;
    const { worker } = await startMember(where, (serving) => {
      serving.onRequest("wait", (_params, { signal }) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
        });
        return new Promise(() => undefined);
      });
    });
    const channel = await openCaller(where);
    const abort = new AbortController();
    const call = rejectionOf(channel.request("wait", {}, { signal: abort.signal }));
    await waitFor(() => worker.stats().running === 1);
    abort.abort(new Error("enough"));
    expect(await call).toMatchObject({ message: "enough" });
    await waitFor(() => reason !== undefined);
  });

  test("a deadline goes along, and is kept where the work is done", async () => {
    const where = at();
    let isAborted = false;
    await startMember(where, (serving) => {
      serving.onRequest("wait", (_params, { signal }) => {
        return new Promise(() => {
          signal.addEventListener("abort", () => (isAborted = true));
        });
      });
    });
    const channel = await openCaller({ ...where, sendCancel: false });
    expect(await rejectionOf(channel.request("wait", {}, { timeout: 50 }))).toMatchObject({ code: "TIMEOUT" });
    await waitFor(() => isAborted);
  });

  test("streams both ways, with the reader's pace", async () => {
    const where = at();
    let written = 0;
    await startMember(where, (worker) => {
      worker.onRequest("count", async function* ({ to }: { to: number }) {
        for (let at = 0; at < to; at++) {
          written = at;
          yield at;
        }
        return "done";
      });
      worker.onRequest("sum", async (_params, { input }) => {
        let sum = 0;
        for await (const item of input) sum += item as number;
        return sum;
      });
    });
    const channel = await openCaller({ ...where, limits: { streamWindow: 16 } });
    let read = 0;
    for await (const item of channel.stream<number>("count", { to: 100_000 })) {
      expect(item).toBe(read);
      read += 1;
      if (read === 50) break;
    }
    expect(written).toBeLessThan(20_000);
    let total = 0;
    for await (const item of channel.stream<number>("count", { to: 3_000 })) total += item;
    expect(total).toBe((2_999 * 3_000) / 2);
    const input = (function* () {
      for (let at = 1; at <= 3_000; at++) yield at;
    })();
    expect(await channel.request("sum", {}, { input })).toBe((3_000 * 3_001) / 2);
  });

  test("tells of progress", async () => {
    const where = at();
    await startMember(where, (worker) => {
      worker.onRequest("work", async (_params, context) => {
        await context.progress(1);
        await context.progress(2);
        return "done";
      });
    });
    const channel = await openCaller(where);
    const seen: unknown[] = [];
    expect(await channel.request("work", {}, { onProgress: (value) => seen.push(value) })).toBe("done");
    expect(seen).toEqual([1, 2]);
  });

  test("notifications go to one member or to all, and from each member to all callers", async () => {
    const where = at();
    const heard: string[] = [];
    const members = [];
    for (const name of ["a", "b", "c"]) {
      members.push(
        await startMember(where, (worker) => {
          worker.onNotification("note", ({ n }: { n: number }) => heard.push(`${name}${n}`));
        }),
      );
    }
    const channels = [await openCaller(where), await openCaller(where)];
    const events: unknown[] = [];
    for (const channel of channels) channel.onNotification("log", (params: unknown) => events.push(params));
    await channels[0]?.notify("note", { n: 1 });
    await waitFor(() => heard.length === 1);
    await channels[0]?.notify("note", { n: 2 }, { to: "all" });
    await waitFor(() => heard.length === 4);
    expect(heard.slice(1).sort()).toEqual(["a2", "b2", "c2"]);
    await members[0]?.worker.notify("log", { line: "x" });
    await waitFor(() => events.length === 2);
    expect(events).toEqual([{ line: "x" }, { line: "x" }]);
  });

  test("a member asks the caller for whom it works", async () => {
    const where = at();
    await startMember(where, (worker) => {
      worker.onRequest("greet", async () => `Hello, ${await worker.request<string>("name")}!`);
    });
    const channel = await openCaller(where);
    channel.onRequest("name", () => "Ada");
    expect(await channel.request("greet")).toBe("Hello, Ada!");
  });

  test("batches are spread, and each call has its own outcome", async () => {
    const where = at();
    await startMember(where);
    const channel = await openCaller(where);
    const outcomes = await channel.batch([
      { method: "add", params: { a: 1, b: 2 } },
      { method: "nothing" },
      { method: "add", params: { a: 3, b: 4 }, notify: true },
    ]);
    expect(outcomes[0]).toEqual({ status: "fulfilled", value: 3 });
    expect(outcomes[1]).toMatchObject({ status: "rejected", reason: { code: -32601 } });
  });

  test("speaks MessagePack, with bytes as they are", async () => {
    const where = { ...at(), codec: new MessagePackCodec() };
    await startMember(where, undefined, {});
    const channel = await openCaller(where);
    expect(await channel.request("add", { a: 2, b: 3 })).toBe(5);
    expect(await channel.request("echo", { value: [1.5, "é", null] })).toEqual([1.5, "é", null]);
  });

  test("a message of 5 MiB goes in parts, there and back", async () => {
    const where = at();
    await startMember(where);
    const channel = await openCaller(where);
    const value = "0123456789é".repeat(500_000);
    const [echoed, sum] = await Promise.all([
      channel.request<string>("echo", { value }),
      channel.request<number>("add", { a: 1, b: 1 }),
    ]);
    expect(echoed === value).toBe(true);
    expect(sum).toBe(2);
  });

  test("a message above limits.maxMessageBytes is refused by its name, on either way", async () => {
    const where = at();
    await startMember({ ...where, limits: { maxMessageBytes: 3_000_000 } }, (worker) => {
      worker.onRequest("length", ({ value }: { value: string }) => value.length);
      worker.onRequest("make", ({ length }: { length: number }) => "x".repeat(length));
    });
    const channel = await openCaller({ ...where, limits: { maxMessageBytes: 2_000_000 } });
    expect(await rejectionOf(channel.request("length", { value: "x".repeat(2_000_000) }))).toMatchObject({
      code: "MESSAGE_TOO_LARGE",
      delivery: "not-sent",
    });
    expect(await rejectionOf(channel.request("make", { length: 2_500_000 }))).toMatchObject({
      code: "MESSAGE_TOO_LARGE",
      delivery: "unknown",
    });
    expect(await channel.request("length", { value: "x" })).toBe(1);
  });
});
