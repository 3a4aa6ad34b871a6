// A channel that outlives its connections, and services that come and go under it.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectChannel, listen, type Channel, type ChannelEvent } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { expectNoTrouble, expectNothingLeft } from "../support/nothing-left.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";
import { useOwnRegistry } from "./support/registry.js";
import { startServiceProcess } from "./support/service-process.js";

expectNoTrouble();
const folder = useOwnRegistry();
const RESTART = { maxRestarts: Infinity, minDelayMs: 1, maxDelayMs: 20 } as const;

function eventsOf(channel: Channel): string[] {
  const events: string[] = [];
  channel.onEvent(({ type }: ChannelEvent) => events.push(type));
  return events;
}

test("with restart a client waits for a service that is still to start, and without it fails at once", async () => {
  expect(await rejectionOf(connectChannel("late"))).toMatchObject({ code: "CONNECT_FAILED" });
  const connecting = connectChannel("late", { restart: RESTART });
  setTimeout(
    () => void listen({ one: () => 1 }, { name: "late" }).then((service) => onTestFinished(() => service.close())),
    50,
  );
  await using channel = await connecting;
  expect(await channel.request("one")).toBe(1);
});

test("a budget that is used up before there ever was a connection is CONNECT_FAILED, with the last reason", async () => {
  const error = await rejectionOf(connectChannel("nowhere", { restart: { ...RESTART, maxRestarts: 3 } }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent" });
  expect((error as Error).message).toContain("nowhere");
});

test("an abort ends the wait for a service, and leaves nothing behind", async () => {
  const expectGone = expectNothingLeft();
  const controller = new AbortController();
  const connecting = rejectionOf(connectChannel("nowhere", { restart: RESTART, signal: controller.signal }));
  setTimeout(() => controller.abort(new Error("enough")), 20);
  expect(await connecting).toMatchObject({ message: "enough" });
  await expectGone();
});

test("a client whose service is replaced goes on by its name: handlers and subscriptions stay", async () => {
  const path = join(folder.path, "replaced.sock");
  const serve = (version: number) =>
    listen(
      {
        version: () => version,
        greet: async (_params: unknown, context: { request: (m: string) => Promise<unknown> }) =>
          context.request("name"),
      },
      { path },
    );
  const first = await serve(1);
  await using channel = await connectChannel({ path }, { restart: RESTART });
  const events = eventsOf(channel);
  channel.onRequest("name", () => "the same client");
  expect(await channel.request("version")).toBe(1);
  await first.close();
  const waiting = channel.request("version");
  const second = await serve(2);
  onTestFinished(() => second.close());
  expect(await waiting).toBe(2);
  expect(await channel.request("greet")).toBe("the same client");
  expect(channel.health()).toMatchObject({ healthy: true, restarts: 1 });
  expect(events[0]).toBe("exited");
  expect(events.at(-1)).toBe("started");
});

test("a service that is stopped is noticed by the heartbeat: the connection is cut, and made again", async () => {
  const service = await startServiceProcess();
  await service.tell({ do: "listen", options: { name: "stopped" } });
  const heartbeat = { intervalMs: 50, timeoutMs: 50, misses: 2 };
  await using channel = await connectChannel("stopped", { restart: RESTART, heartbeat });
  expect(await channel.request("pid")).toBe(service.pid);
  await waitFor(() => channel.health().roundTripMs !== undefined);
  process.kill(service.pid, "SIGSTOP");
  onTestFinished(() => void process.kill(service.pid, "SIGCONT"));
  expect(await rejectionOf(channel.request("pid"))).toMatchObject({ delivery: "unknown" });
  process.kill(service.pid, "SIGCONT");
  expect(await channel.request("pid")).toBe(service.pid);
});

test(
  "a service killed again and again under ten clients: each goes on, each call settles, nothing that may not runs twice",
  { timeout: 90_000 },
  async () => {
    const expectGone = expectNothingLeft();
    const notes = join(mkdtempSync(join(tmpdir(), "pw-")), "notes");
    onTestFinished(() => rmSync(join(notes, ".."), { recursive: true }));
    let isOver = false;
    const told = new Map<string, "answered" | "not-sent" | "unknown">();
    let service = await startServiceProcess();
    await service.tell({ do: "listen", options: { name: "mortal" } });
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => connectChannel("mortal", { restart: RESTART, timeout: 30_000 })),
    );
    const loop = async (client: Channel, who: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const key = `${who}.${n}`;
        await client.request("note", { file: notes, key }).then(
          () => told.set(key, "answered"),
          (error: { delivery?: "not-sent" | "unknown" }) => told.set(key, error.delivery ?? "unknown"),
        );
        expect(
          await client
            .request("add", { a: n, b: 1 }, { idempotent: true })
            .catch((error: { code?: string }) => error.code),
        ).toSatisfy(
          (outcome: unknown) => outcome === n + 1 || outcome === "QUARANTINED" || outcome === "CHANNEL_CLOSED",
        );
      }
    };
    const loops = clients.map(loop);
    for (let kill = 0; kill < 6; kill++) {
      const next = startServiceProcess();
      await waitFor(() => told.size > kill * 20);
      const heir = await next;
      await service.kill();
      await heir.tell({ do: "listen", options: { name: "mortal" } });
      service = heir;
    }
    const asked = told.size;
    await waitFor(() => told.size > asked + 100);
    isOver = true;
    await Promise.all(loops);
    for (const client of clients) expect(client.health()).toMatchObject({ healthy: true, restarts: 6 });
    const times = new Map<string, number>();
    for (const key of readFileSync(notes, "utf8").split("\n").slice(0, -1)) times.set(key, (times.get(key) ?? 0) + 1);
    const lies = [...told].filter(([key, what]) => {
      const ran = times.get(key) ?? 0;
      return what === "answered" ? ran !== 1 : what === "not-sent" ? ran !== 0 : ran > 1;
    });
    expect(lies).toEqual([]);
    await Promise.all(clients.map((client) => client.close()));
    await service.kill();
    await expectGone();
  },
);
