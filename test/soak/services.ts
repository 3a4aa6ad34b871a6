import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelError, connectChannel, type Channel } from "@procwire/transport";
import { ServiceProcess } from "../support/service-process.js";
import type { Soak } from "./lib/contract.js";
import { sleep } from "./lib/sleep.js";

const CLIENTS = 10;
const NAME = "mortal";
const RESTART = { maxRestarts: Infinity, minDelayMs: 1, maxDelayMs: 20 } as const;
const QUIET_WITHIN_MS = 5_000;

type Told = "answered" | "not-sent" | "unknown";

/** What the clients were told of each call by its key, and how often each was sent that may run once only. */
class Calls {
  readonly told = new Map<string, Told>();
  readonly wrong: unknown[] = [];
  readonly notes: string;
  isOver = false;

  constructor(folder: string) {
    this.notes = join(folder, "notes");
  }

  async makeAll(client: Channel, who: number): Promise<void> {
    for (let n = 0; !this.isOver; n++) {
      await this.#once(client, `${who}.${n}`);
      await this.#again(client, n);
    }
  }

  async #once(client: Channel, key: string): Promise<void> {
    try {
      await client.request("note", { file: this.notes, key });
      this.told.set(key, "answered");
    } catch (error) {
      if (!(error instanceof ChannelError)) this.wrong.push(error);
      this.told.set(key, error instanceof ChannelError && error.delivery === "not-sent" ? "not-sent" : "unknown");
    }
  }

  /** It may run as often as it likes; when two services died over it, it is given up. */
  async #again(client: Channel, n: number): Promise<void> {
    try {
      const sum = await client.request<number>("add", { a: n, b: 1 }, { idempotent: true });
      if (sum !== n + 1) this.wrong.push(sum);
    } catch (error) {
      if (!(error instanceof ChannelError && /QUARANTINED|CHANNEL_CLOSED/.test(error.code))) this.wrong.push(error);
    }
  }

  lies(): string[] {
    const times = new Map<string, number>();
    const lines = existsSync(this.notes) ? readFileSync(this.notes, "utf8").split("\n").slice(0, -1) : [];
    for (const key of lines) times.set(key, (times.get(key) ?? 0) + 1);
    const isTrue = (told: Told, ran: number): boolean =>
      told === "answered" ? ran === 1 : told === "not-sent" ? ran === 0 : ran <= 1;
    return [...this.told].filter(([key, told]) => !isTrue(told, times.get(key) ?? 0)).map(([key]) => key);
  }
}

export const services: Soak = {
  name: "services",
  about: `a service is killed N times under ${CLIENTS} clients`,
  count: 500,
  short: 3,
  async run(times, ledger) {
    const folder = mkdtempSync(join(tmpdir(), "pw-"));
    process.env["XDG_RUNTIME_DIR"] = folder;
    const before = openFiles();
    const calls = new Calls(folder);
    let service = await started();
    await service.tell({ do: "listen", options: { name: NAME } });
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => connectChannel(NAME, { restart: RESTART, timeout: 60_000 })),
    );
    const loops = clients.map((client, who) => calls.makeAll(client, who));
    for (let kill = 0; kill < times; kill++) {
      const heir = await started();
      await service.kill();
      await heir.tell({ do: "listen", options: { name: NAME } });
      service = heir;
      await progress(calls);
    }
    calls.isOver = true;
    await Promise.all(loops);
    const restarts = clients.map((client) => client.health().restarts);
    const healthy = clients.filter((client) => client.health().healthy).length;
    ledger.check("clients that went on", healthy === CLIENTS, healthy);
    ledger.check(
      "restarts of each",
      restarts.every((count) => count === times),
      Math.min(...restarts),
    );
    ledger.check("calls that ended otherwise", calls.wrong.length === 0, calls.wrong.length);
    ledger.check("callers that were told a lie", calls.lies().length === 0, calls.lies().length);
    ledger.fact("calls", String(calls.told.size));
    await Promise.all(clients.map((client) => client.close()));
    await service.kill();
    const after = await settled(before);
    ledger.check("open files", after <= before, `${before} before, ${after} after`);
    rmSync(folder, { recursive: true });
  },
};

async function started(): Promise<ServiceProcess> {
  const service = new ServiceProcess();
  await service.tell({ do: "nothing" });
  return service;
}

/** Until every client has had some calls answered. */
async function progress({ told }: Calls): Promise<void> {
  const wanted = told.size + CLIENTS * 5;
  while (told.size < wanted) await sleep(2);
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Handles are closed in a later turn. */
async function settled(before: number): Promise<number> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  while (openFiles() > before && performance.now() < deadline) await sleep(20);
  return openFiles();
}
