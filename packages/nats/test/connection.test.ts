import { expect, test } from "vitest";
import { waitFor } from "../../../test/support/wait-for.js";
import { rejectionOf } from "../../transport/test/support/channels.js";
import { createNatsChannel } from "../src/index.js";
import { newService, openCaller, startMember } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

describeWithServer("the connection", (server) => {
  test("lost and restored: what was in flight settles, what is said meanwhile waits, and health() tells", async () => {
    const where = { service: newService(), servers: server().url, nats: { reconnectTimeWait: 50 } };
    const { worker } = await startMember(where, (serving) => {
      serving.onRequest("wait", () => new Promise(() => undefined));
      serving.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b);
    });
    const channel = await openCaller(where);
    const events: string[] = [];
    channel.onEvent(({ type }) => events.push(type));
    const lost = rejectionOf(channel.request("wait"));
    await waitFor(() => worker.stats().running === 1);
    await server().stop("SIGKILL");
    expect(await lost).toMatchObject({ code: "CONNECT_FAILED", delivery: "unknown", method: "wait" });
    await waitFor(() => channel.state === "restarting");
    expect(channel.health()).toMatchObject({ healthy: false, state: "restarting" });
    const waiting = channel.request("add", { a: 2, b: 3 });
    const late = rejectionOf(channel.request("add", { a: 2, b: 3 }, { timeout: 20 }));
    expect(await late).toMatchObject({ code: "TIMEOUT", delivery: "not-sent" });
    await server().start();
    expect(await waiting).toBe(5);
    expect(channel.health()).toMatchObject({ healthy: true, state: "ready" });
    expect(events).toEqual(["exited", "restarting", "started"]);
    await waitFor(() => worker.stats().running === 0);
  });
});

test("a server that can't be reached rejects createNatsChannel", async () => {
  const error = await rejectionOf(createNatsChannel({ service: "math", servers: "nats://127.0.0.1:1" }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent" });
});

test.each<[string, object, RegExp]>([
  ["no service", { servers: "x" }, /needs the name of a service/],
  ["no servers", { service: "math" }, /needs servers/],
  ["a framing", { service: "math", servers: "x", framing: "line" }, /there is no option "framing"/],
  ["a name with a dot", { service: "a.b", servers: "x" }, /service must be a name/],
  ["a misspelt option", { service: "math", server: "x" }, /Did you mean servers\?/],
])("%s is refused before anything connects", async (_, options, message) => {
  expect(String(await rejectionOf(createNatsChannel(options as never)))).toMatch(message);
});

const ACCOUNTS = `
authorization {
  users = [
    { user: member, password: m }
    { user: adder, password: a, permissions: {
        publish: ["rpc.*.add", "rpc.*.$to.*.add", "rpc.*.$member.>", "$SRV.PING.>"]
        subscribe: ["_INBOX_adder.>", "rpc.*.$events.>"]
    } }
  ]
}`;

describeWithServer(
  "permissions",
  (server) => {
    test("who may call add may not call echo", async () => {
      const where = { service: newService(), servers: server().url };
      await startMember({ ...where, nats: { user: "member", pass: "m" } });
      const channel = await openCaller({
        ...where,
        nats: { user: "adder", pass: "a", inboxPrefix: "_INBOX_adder" },
        onError: () => undefined,
      });
      expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
      expect(await channel.request("add", { a: 1, b: 2 }, { key: "k" })).toBe(3);
      const refused = await rejectionOf(channel.request("echo", { value: 1 }));
      expect(refused).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent", method: "echo" });
      expect(String(refused)).toContain("permission");
      expect(await rejectionOf(createNatsChannel({ ...where, nats: { user: "adder", pass: "wrong" } }))).toMatchObject({
        code: "CONNECT_FAILED",
      });
    });
  },
  ACCOUNTS,
);
