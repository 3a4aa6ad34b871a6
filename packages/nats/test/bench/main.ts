/**
 * npm run bench:nats: one request, and 1,000 in flight, beside NATS's own request and reply with a bare echo, in one run.
 * Needs a nats-server.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createHistogram } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { connect } from "@nats-io/transport-node";
import { startNatsServer } from "../../../../scripts/lib/nats-server.mjs";
import { createNatsChannel } from "../../src/index.js";

type Ask = () => Promise<unknown>;

const ROUNDS = 5;
const ONE_BY_ONE = 2_000;
const TOGETHER = 1_000;
const IN_FLIGHT_MS = 1_500;
const params = { a: 1, b: "two" };

const server = await startNatsServer();
const members = await Promise.all(["bare", "ours"].map((kind) => startMember(kind)));
const connection = await connect({ servers: server.url });
const channel = await createNatsChannel({ service: "bench", servers: server.url });
const asks: readonly Ask[] = [
  async () => (await connection.request("bare.echo", JSON.stringify(params), { timeout: 10_000 })).json(),
  () => channel.request("echo", params),
];
const results: { p50: number; perSecond: number; cpuUs: number }[][] = [[], []];

for (let round = 0; round <= ROUNDS; round++) {
  for (const [at, ask] of asks.entries()) {
    const [p50, load] = [await oneByOne(ask), await together(ask, members[at])];
    // The first round warms up.
    if (round > 0) results[at]?.push({ p50, ...load });
  }
}
const [bare, ours] = results.map((rounds) => ({
  p50: median(rounds.map(({ p50 }) => p50)),
  perSecond: median(rounds.map(({ perSecond }) => perSecond)),
  cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
}));
console.table({ "NATS request/reply, bare echo": bare, "a channel over NATS": ours });
console.log(`p50: ${ratio(ours?.p50, bare?.p50)} of bare (at most 1.6)`);
console.log(`${TOGETHER} in flight: ${ratio(ours?.perSecond, bare?.perSecond)} of bare (at least 0.6)`);
console.log(`CPU time of caller and member per request: ${ratio(ours?.cpuUs, bare?.cpuUs)} of bare`);

await channel.close();
await connection.close();
for (const member of members) member.kill();
await server.remove();

async function startMember(kind: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("member.ts", import.meta.url));
  const member = fork(program, [server.url, kind], { execArgv: process.execArgv });
  await once(member, "message");
  return member;
}

async function oneByOne(ask: Ask): Promise<number> {
  const histogram = createHistogram();
  for (let at = 0; at < ONE_BY_ONE; at++) {
    const start = process.hrtime.bigint();
    await ask();
    histogram.record(process.hrtime.bigint() - start);
  }
  return histogram.percentile(50) / 1_000;
}

async function together(
  ask: Ask,
  member: ChildProcess | undefined,
): Promise<{ readonly perSecond: number; readonly cpuUs: number }> {
  const before = await cpuOf(member);
  const start = performance.now();
  let done = 0;
  const loop = async (): Promise<void> => {
    for (; performance.now() - start < IN_FLIGHT_MS; done += 1) await ask();
  };
  await Promise.all(Array.from({ length: TOGETHER }, loop));
  const seconds = (performance.now() - start) / 1_000;
  return { perSecond: Math.round(done / seconds), cpuUs: ((await cpuOf(member)) - before) / done };
}

/** Of this process and the member, in microseconds. */
async function cpuOf(member: ChildProcess | undefined): Promise<number> {
  const own = process.cpuUsage();
  if (member === undefined) return own.user + own.system;
  member.send("cpu");
  const [theirs] = (await once(member, "message")) as [NodeJS.CpuUsage];
  return own.user + own.system + theirs.user + theirs.system;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? NaN;
}

function ratio(one = NaN, other = NaN): string {
  return (one / other).toFixed(2);
}
