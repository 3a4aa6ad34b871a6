import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ChannelError } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { openCaller } from "./support/members.js";
import { bundleOf } from "../../../test/support/paths.js";
import { describeWithServer } from "./support/server.js";

const program = fileURLToPath(new URL("bench/member.ts", import.meta.url));
const REQUESTS = 4_000;
const LOOPS = 40;

describeWithServer("members that are killed again and again, and a server that is restarted", (server) => {
  test("every request settles once, and idempotent ones all succeed", { timeout: 120_000 }, async () => {
    const members: ChildProcess[] = [];
    const start = async (): Promise<void> => {
      const member = fork(bundleOf(program), [server().url, "ours"]);
      members.push(member);
      await once(member, "message");
    };
    onTestFinished(() => {
      for (const member of members) member.kill("SIGKILL");
    });
    await Promise.all([start(), start(), start()]);
    const nats = { reconnectTimeWait: 50 };
    const channel = await openCaller({ service: "bench", servers: server().url, pingMs: 100, claimMs: 1_000, nats });

    let asked = 0;
    const lost: unknown[] = [];
    const unsafe: unknown[] = [];
    const loop = async (): Promise<void> => {
      while (asked < REQUESTS) {
        const n = ++asked;
        const idempotent = n % 2 === 0;
        try {
          const answer: unknown = await channel.request("echo", { n }, { idempotent, timeout: 60_000 });
          expect(answer).toEqual({ n });
        } catch (error) {
          (idempotent ? lost : unsafe).push(error);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const work = Promise.all(Array.from({ length: LOOPS }, loop));
    for (let round = 0; round < 2; round++) {
      members.shift()?.kill("SIGKILL");
      await start();
    }
    await server().stop("SIGKILL");
    await server().start();
    await work;
    expect(lost).toEqual([]);
    for (const error of unsafe) {
      expect(error).toBeInstanceOf(ChannelError);
      expect((error as ChannelError).delivery).toBeDefined();
    }
    const { inFlight, succeeded, failed, refused, requestsSent } = channel.stats();
    expect({ inFlight, refused }).toEqual({ inFlight: 0, refused: 0 });
    expect(succeeded).toBe(REQUESTS - unsafe.length);
    expect(requestsSent).toBeGreaterThanOrEqual(succeeded);
    expect(succeeded + failed).toBe(REQUESTS + channel.stats().repeated);
  });
});
