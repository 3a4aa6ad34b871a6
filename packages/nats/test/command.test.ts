import { expect, test } from "vitest";
import { waitFor } from "../../../test/support/wait-for.js";
import { rejectionOf } from "../../transport/test/support/channels.js";
import { exposeCommand, runCommand } from "./support/command.js";
import { newService, openCaller, startMember } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

describeWithServer("procwire-nats expose", (server) => {
  const at = (): { service: string; servers: string } => ({ service: newService(), servers: server().url });

  test("offers its workers, and drains on SIGTERM: what runs is answered, and the exit code is 0", async () => {
    const { service, servers } = at();
    const command = await exposeCommand(service, servers, ["--size", "2"]);
    const channel = await openCaller({ service, servers });
    const pids = new Set(await Promise.all(Array.from({ length: 40 }, () => channel.request<number>("pid"))));
    expect(pids.size).toBe(2);
    const slow = channel.request<number>("pause", { ms: 600 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    command.child.kill("SIGTERM");
    expect(await slow).toBe(600);
    expect(await command.ended).toBe(0);
    expect(command.log()).toContain("draining");
    expect(await rejectionOf(channel.request("pid"))).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent" });
  });

  test("a member that is killed: its requests settle with that, idempotent ones go to another", async () => {
    const { service, servers } = at();
    const killed = await exposeCommand(service, servers);
    const channel = await openCaller({ service, servers, pingMs: 100 });
    const lost = rejectionOf(channel.request("wait"));
    const again = channel.request("wait", {}, { idempotent: true });
    await waitFor(() => channel.stats().inFlight === 2);
    await startMember({ service, servers }, (worker) => worker.onRequest("wait", () => "done"));
    killed.child.kill("SIGKILL");
    expect(await lost).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown", method: "wait" });
    expect(await again).toBe("done");
    expect(channel.stats().repeated).toBeGreaterThan(0);
  });

  test("a worker that dies is replaced, and its caller hears how it ended", async () => {
    const { service, servers } = at();
    await exposeCommand(service, servers);
    const channel = await openCaller({ service, servers });
    expect(await rejectionOf(channel.request("die"))).toMatchObject({
      code: "WORKER_EXITED",
      delivery: "unknown",
      exitCode: 3,
    });
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
    expect(await rejectionOf(channel.request("die", {}, { idempotent: true }))).toMatchObject({ code: "QUARANTINED" });
  });

  test("wrong use is exit code 2, a worker that can't be started 1", async () => {
    const { service, servers } = at();
    const wrong = runCommand(["expose", "--servers", servers, "--", "node"]);
    expect(await wrong.ended).toBe(2);
    expect(wrong.log()).toContain("--service is missing");
    const missing = runCommand(["expose", "--service", service, "--servers", servers, "--", "/no/such/program"]);
    expect(await missing.ended).toBe(1);
    expect(missing.log()).toContain("/no/such/program");
  });
});
