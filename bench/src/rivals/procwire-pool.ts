import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { createStdioPool, type Pool } from "@procwire/transport";
import { rustWorker, workerScript } from "../programs.js";
import type { Capability, Placement, Rival, Session, Work } from "./contract.js";
import { PoolSession } from "./pool-session.js";

const SIZE = 2;
const WORK: readonly Capability[] = ["work"];

/** What the pool itself costs: the row without one is `procwire`. */
export const procwirePoolOfOne: Rival = {
  id: "procwire-pool-1",
  name: "ours, pool of one",
  what: "createStdioPool with size: 1, and rust-worker --quiet",
  can: ["add"],
  isVariant: true,
  start: async (placement) => overPool(await openPool(placement, 1)),
};

/** The rows of the table of pools. One thread a worker, so that a worker is one CPU's worth of work. */
export const pools: readonly Rival[] = [
  {
    id: "pool-ours-1",
    name: "ours, one Rust worker",
    what: "createStdioPool with size: 1, and rust-worker --quiet --threads 1",
    can: WORK,
    start: async (placement) => overPool(await openPool(placement, 1, "--threads", "1")),
  },
  {
    id: "pool-ours-2",
    name: "ours, pool of 2 Rust workers",
    what: "createStdioPool with size: 2, and rust-worker --quiet --threads 1",
    can: WORK,
    start: async (placement) => overPool(await openPool(placement, SIZE, "--threads", "1")),
  },
  {
    id: "pool-piscina-2",
    name: "piscina, 2 threads",
    what: "piscina 5 with two threads: trial division, and node:crypto",
    can: WORK,
    start: async () => {
      const { Piscina } = await import("piscina");
      const filename = pathToFileURL(workerScript("piscina-worker.mjs")).href;
      const threads = new Piscina<object, never>({ filename, minThreads: SIZE, maxThreads: SIZE, execArgv: [] });
      return working(
        (method, params) => threads.run({ method, params }),
        () => threads.close(),
      );
    },
  },
  {
    id: "pool-workerpool-2",
    name: "workerpool, 2 processes",
    what: "workerpool 10 with two processes: the same work as piscina",
    can: WORK,
    start: async () => {
      const { default: library } = await import("workerpool");
      const options = { workerType: "process", maxWorkers: SIZE, minWorkers: SIZE } as const;
      const processes = library.pool(workerScript("workerpool-worker.mjs"), options);
      return working(
        async (method, params) => (await processes.exec(method, [params])) as never,
        async () => {
          await processes.terminate();
        },
      );
    },
  },
];

function openPool(placement: Placement, size: number, ...more: readonly string[]): Promise<Pool> {
  const { file, args } = placement.command(rustWorker, "--quiet", ...more);
  return createStdioPool(file, { args, size });
}

function overPool(pool: Pool): Session {
  return working(
    (method, params) => pool.request<never>(method, params),
    () => pool.close(),
  );
}

function working(run: (method: string, params: object) => Promise<never>, close: () => Promise<void>): Session {
  const session = new PoolSession(run, close);
  return {
    add: (a, b) => session.add(a, b),
    work: ({ method, params }: Work) => run(method, params),
    close,
  };
}

/** What the workers must answer. */
export function digestOf(data: string): string {
  return createHash("sha256").update(data).digest("hex");
}
