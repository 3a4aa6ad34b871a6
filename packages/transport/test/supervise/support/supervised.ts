import { onTestFinished } from "vitest";
import { ChannelError, type Channel, type ChannelEvent, type ChannelOptions } from "../../../src/index.js";
import { resolveStack } from "../../../src/node/assemble.js";
import { resolveSupervision, superviseLinks, type SupervisionOptions } from "../../../src/node/supervision.js";
import type { Vitals } from "../../../src/supervise/contract.js";
import { FakeLink } from "../../support/fake-link.js";

export interface Sent {
  readonly id?: number;
  readonly method: string;
  readonly params?: unknown;
}

/** A worker whose life is the test's: it says and does nothing by itself. */
export class FakeWorker {
  readonly link = new FakeLink();
  readonly pid: number;
  kills = 0;
  vitals: Vitals | undefined;

  constructor(pid: number) {
    this.pid = pid;
  }

  die(signal: string | null = "SIGSEGV"): void {
    this.link.end(exitOf(signal));
  }

  /** What the channel has said to it, in order. */
  get sent(): readonly Sent[] {
    return this.link.sent as readonly Sent[];
  }

  get methods(): readonly string[] {
    return this.sent.map(({ method }) => method);
  }

  /** Answers the requests for the method that have not been answered, each with the same result. */
  answer(method: string, result: unknown): void {
    for (const { id } of this.sent.filter((message) => message.method === method)) this.link.deliver({ id, result });
    this.link.sent.splice(0);
  }

  /** Answers each request that has not been answered with the name of its method. */
  answerAll(): void {
    for (const { id, method } of this.link.sent.splice(0) as Sent[]) {
      if (id !== undefined) this.link.deliver({ id, result: method });
    }
  }
}

export function exitOf(signal: string | null): ChannelError {
  const how = signal === null ? "exited with code 1" : `was ended by ${signal}`;
  const exitCode = signal === null ? 1 : null;
  return new ChannelError("WORKER_EXITED", `The worker ${how}.`, { exitCode, signal, stderr: "" });
}

export interface Supervised {
  readonly channel: Channel;
  /** Those that were started, in order. */
  readonly workers: FakeWorker[];
  readonly events: ChannelEvent[];
  /** Reported to `onError`. */
  readonly errors: unknown[];
  /** The worker that was started last. */
  readonly worker: () => FakeWorker;
  /** What each start from now on does first. */
  readonly beforeStart: (callback: () => unknown) => void;
}

/** No time passes between two workers. */
export const AT_ONCE = { minDelayMs: 0, maxDelayMs: 0 } as const;

/** A channel over fake workers; closed when the test is over. */
export async function openSupervised(
  supervision: SupervisionOptions = { restart: AT_ONCE },
  options: ChannelOptions = {},
): Promise<Supervised> {
  const workers: FakeWorker[] = [];
  const errors: unknown[] = [];
  const events: ChannelEvent[] = [];
  let before: () => unknown = () => undefined;
  const stack = resolveStack({ onError: (error) => errors.push(error), ...options });
  const resolved = resolveSupervision(supervision) ?? { restart: undefined, heartbeat: undefined, breaker: undefined };
  const channel = await superviseLinks(stack, resolved, undefined, async () => {
    await before();
    const worker = new FakeWorker(1000 + workers.length);
    workers.push(worker);
    const kill = (): void => void (worker.kills += 1);
    return { link: worker.link, pid: worker.pid, kill, vitals: () => worker.vitals };
  });
  channel.onEvent((event) => events.push(event));
  onTestFinished(() => channel.close());
  return {
    channel,
    workers,
    errors,
    events,
    worker: () => workers.at(-1)!,
    beforeStart: (callback) => (before = callback),
  };
}

/** Resolves when so many workers have been started, and the last of them is ready. */
export async function started({ channel, workers }: Supervised, count: number): Promise<FakeWorker> {
  const deadline = Date.now() + 5_000;
  while (workers.length < count || channel.state !== "ready") {
    if (Date.now() > deadline) throw new Error(`${workers.length} workers were started; ${channel.state}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return workers[count - 1]!;
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
