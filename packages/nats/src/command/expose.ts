import { createStdioChannel, type Channel } from "@procwire/transport";
import { exposeOverNats } from "../expose-over-nats.js";
import type { Exposed } from "../member/exposure.js";
import type { ExposeArguments } from "./arguments.js";

export type Log = (level: "info" | "error", text: string) => void;

interface Running {
  readonly channel: Channel;
  readonly exposed: Exposed;
}

/**
 * Starts the workers and offers each as a member, until the signal aborts: then all of them drain. Resolves with the exit
 * code.
 */
export async function expose(given: ExposeArguments, stopped: AbortSignal, log: Log): Promise<number> {
  const running: Running[] = [];
  try {
    for (let at = 0; at < given.size && !stopped.aborted; at++) running.push(await startOne(given, log));
  } catch (error) {
    log("error", reasonOf(error));
    await leave(running);
    return 1;
  }
  if (running.length === given.size) log("info", `${given.service}: ready, ${workers(given.size)}`);
  const stop = new Promise<"stopped">((resolve) => {
    if (stopped.aborted) resolve("stopped");
    stopped.addEventListener("abort", () => {
      resolve("stopped");
    });
  });
  // A worker that has ended for good takes its member along; the last one ends the program.
  const over = Promise.all(running.map(({ exposed }) => exposed.closed));
  const why = await Promise.race([stop, over]);
  if (why === "stopped") log("info", `${given.service}: draining`);
  else for (const { message } of why) log("error", message);
  await leave(running);
  log("info", `${given.service}: ended`);
  return why === "stopped" ? 0 : 1;
}

async function startOne(given: ExposeArguments, log: Log): Promise<Running> {
  const { service, servers, version, description, prefix, framing, maxInFlight, drainMs, nats } = given;
  const channel = await createStdioChannel(given.program, {
    args: [...given.programArguments],
    framing,
    restart: true,
    onError: (error) => {
      log("error", reasonOf(error));
    },
  });
  channel.onEvent((event) => {
    if (event.type === "exited") log("error", event.reason.message);
    if (event.type === "started") log("info", `${service}: worker ${event.pid ?? "?"} has started`);
  });
  try {
    const options = { service, servers, version, description, prefix, maxInFlight, drainMs, nats };
    const exposed = await exposeOverNats(channel, options);
    log("info", `${service}: worker ${channel.pid ?? "?"} is member ${exposed.id}`);
    void exposed.closed.then(({ message }) => {
      log("info", `${service}: member ${exposed.id} has left: ${message}`);
    });
    return { channel, exposed };
  } catch (error) {
    await channel.close();
    throw error;
  }
}

async function leave(running: readonly Running[]): Promise<void> {
  await Promise.all(
    running.map(async ({ channel, exposed }) => {
      await exposed.close();
      await channel.close();
    }),
  );
}

function workers(size: number): string {
  return size === 1 ? "1 worker" : `${size} workers`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
