import { connect } from "@nats-io/transport-node";
import { Svcm } from "@nats-io/services";
import { expect, test } from "vitest";
import { waitFor } from "../../../test/support/wait-for.js";
import { rejectionOf } from "../../transport/test/support/channels.js";
import { newService, openCaller, startMember } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

describeWithServer("the members of a service", (server) => {
  const at = (): { service: string; servers: string } => ({ service: newService(), servers: server().url });

  test("are found by the services API, with what they offer and what they did", async () => {
    const where = at();
    const { exposed } = await startMember({ ...where, version: "1.2.3", description: "sums", metadata: { zone: "a" } });
    const channel = await openCaller(where);
    await channel.request("add", { a: 1, b: 2 });
    await rejectionOf(channel.request("nothing"));
    const connection = await connect({ servers: where.servers });
    try {
      const client = new Svcm(connection as never).client();
      const infos = [];
      for await (const info of await client.info(where.service)) infos.push(info);
      expect(infos).toMatchObject([
        { id: exposed.id, name: where.service, version: "1.2.3", description: "sums", metadata: { zone: "a" } },
      ]);
      expect(infos[0]?.endpoints).toContainEqual({
        name: "add",
        subject: `rpc.${where.service}.add`,
        queue_group: where.service,
      });
      const stats = [];
      for await (const one of await client.stats(where.service)) stats.push(one);
      const byName = new Map(stats[0]?.endpoints?.map((one) => [one.name, one]));
      expect(byName.get("add")).toMatchObject({ num_requests: 1, num_errors: 0 });
      expect(byName.get("nothing")).toMatchObject({ num_requests: 1, num_errors: 1 });
    } finally {
      await connection.close();
    }
  });

  test("share the work, and one that is added takes some within a second", async () => {
    const where = at();
    const served = [0, 0];
    await startMember(where, (worker) => worker.onRequest("work", () => (served[0] = (served[0] ?? 0) + 1)));
    const channel = await openCaller(where);
    await Promise.all(Array.from({ length: 100 }, () => channel.request("work")));
    expect(served).toEqual([100, 0]);
    await startMember(where, (worker) => worker.onRequest("work", () => (served[1] = (served[1] ?? 0) + 1)));
    await Promise.all(Array.from({ length: 100 }, () => channel.request("work")));
    expect(served[1]).toBeGreaterThan(20);
  });

  test("one that leaves under load loses nothing", async () => {
    const where = at();
    const slow = (worker: { onRequest: (method: string, handler: () => unknown) => unknown }): void => {
      worker.onRequest("work", () => new Promise((resolve) => setTimeout(resolve, 5, "done")));
    };
    const leaving = await startMember(where, slow);
    await startMember(where, slow);
    const channel = await openCaller(where);
    const calls = [];
    for (let at = 0; at < 500; at++) {
      calls.push(channel.request("work"));
      if (at === 250) void leaving.exposed.close();
      if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["done"]));
    await leaving.exposed.closed;
  });

  test("take only what they are told to, and refuse more at once", async () => {
    const where = at();
    await startMember({ ...where, maxInFlight: 2 }, (worker) => {
      worker.onRequest("work", () => new Promise((resolve) => setTimeout(resolve, 300, "done")));
    });
    const channel = await openCaller(where);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => channel.request("work")));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    const refused = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
  });

  test("the same key goes to the same member, and to another when that has left", async () => {
    const where = at();
    const members = [];
    for (const name of ["a", "b", "c"])
      members.push(await startMember(where, (worker) => worker.onRequest("who", () => name)));
    const channel = await openCaller(where);
    const ask = async (key: string): Promise<string> => channel.request<string>("who", {}, { key });
    const first = await Promise.all(["x", "y", "z", "1", "2", "3"].map(ask));
    expect(await Promise.all(["x", "y", "z", "1", "2", "3"].map(ask))).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
    await members["abc".indexOf(first[0] ?? "")]?.exposed.close();
    const other = await ask("x");
    expect(other).not.toBe(first[0]);
    expect(await ask("x")).toBe(other);
  });

  test("whoever speaks NATS and JSON-RPC may ask, without this library", async () => {
    const where = at();
    await startMember(where);
    const connection = await connect({ servers: where.servers });
    try {
      const subject = `rpc.${where.service}.add`;
      const body = JSON.stringify({ jsonrpc: "2.0", id: "x", method: "add", params: { a: 20, b: 22 } });
      expect((await connection.request(subject, body)).json()).toEqual({ jsonrpc: "2.0", id: "x", result: 42 });
    } finally {
      await connection.close();
    }
  });

  test("a caller that dies leaves no work behind", async () => {
    const where = at();
    let isAborted = false;
    const { worker } = await startMember({ ...where, pingMs: 50 }, (serving) => {
      serving.onRequest("wait", (_params, { signal }) => {
        signal.addEventListener("abort", () => (isAborted = true));
        return new Promise(() => undefined);
      });
    });
    const connection = await connect({ servers: where.servers });
    const { createNatsChannel } = await import("../src/index.js");
    const channel = await createNatsChannel({ service: where.service, connection });
    void rejectionOf(channel.request("wait"));
    await waitFor(() => worker.stats().running === 1);
    await connection.close();
    await waitFor(() => isAborted);
    await channel.close();
  });

  test("callers can't end the worker, nor call a method under the subject of another", async () => {
    const where = at();
    const errors: unknown[] = [];
    const { worker } = await startMember({ ...where, onError: (error) => errors.push(error) });
    const channel = await openCaller(where);
    await channel.notify("shutdown", {}, { to: "all" });
    const connection = await connect({ servers: where.servers });
    try {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "echo", params: { value: 1 } });
      const answer = (await connection.request(`rpc.${where.service}.add`, body)).json();
      expect(answer).toMatchObject({ id: 1, error: { code: -32600 } });
      const inBatch = (await connection.request(`rpc.${where.service}.add`, `[${body}]`)).json();
      expect(inBatch).toMatchObject({ error: { code: -32600 } });
    } finally {
      await connection.close();
    }
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
    expect(errors).toHaveLength(2);
    expect(worker.stats().requestsReceived).toBe(2); // add, and rpc.discover at the start
  });
});
