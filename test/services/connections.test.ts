// Many connections to one service: each has what is its own, and pays for what it does.

import { join } from "node:path";
import {
  connectChannel,
  listen,
  LengthPrefixedFraming,
  type Channel,
  type ListenOptions,
  type RequestContext,
  type Service,
} from "@procwire/transport";
import { MessagePackCodec } from "@procwire/codec-msgpack";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectNoTrouble, expectNothingLeft } from "../support/nothing-left.js";
import { runNode } from "../support/run.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";
import { RawClient } from "./support/raw.js";
import { useOwnRegistry } from "./support/registry.js";

expectNoTrouble();
const folder = useOwnRegistry();
let paths = 0;

const methods = {
  add: ({ a, b }: { readonly a: number; readonly b: number }) => a + b,
  echo: (params: unknown) => params,
  big: ({ bytes }: { readonly bytes: number }) => "b".repeat(bytes),
  whoami: async (_params: unknown, context: RequestContext) => context.request("name"),
  later: ({ ms }: { readonly ms: number }) => new Promise((resolve) => setTimeout(resolve, ms, "late")),
};

/** Over a local socket, and over TCP: all of it is the same there. */
const PLACES: [string, () => ListenOptions][] = [
  ["a local socket", () => ({ path: join(folder.path, `c${paths++}.sock`) })],
  ["a port", () => ({ port: 0, insecure: true })],
];

async function serve(options: ListenOptions, more: object = {}): Promise<Service> {
  const service = await listen({ ...methods, ...more }, options);
  onTestFinished(() => service.close());
  return service;
}

async function open(service: Service): Promise<Channel> {
  const channel = await connectChannel(service.address, { timeout: 10_000 });
  onTestFinished(() => channel.close());
  return channel;
}

describe.each(PLACES)("over %s", (_, place) => {
  test("fifty clients are answered, and a handler asks whoever called it", async () => {
    const expectGone = expectNothingLeft();
    const service = await listen(methods, place());
    const clients = await Promise.all(Array.from({ length: 50 }, () => connectChannel(service.address)));
    clients.forEach((client, n) => client.onRequest("name", () => `client ${n}`));
    const names = await Promise.all(clients.map((client) => client.request("whoami")));
    expect(names).toEqual(clients.map((_client, n) => `client ${n}`));
    expect(service.connections).toBe(50);
    await Promise.all(clients.map((client) => client.close()));
    await waitFor(() => service.connections === 0);
    await service.close();
    await expectGone();
  });

  test("one that does not read costs the others nothing, and itself its connection", { timeout: 60_000 }, async () => {
    const service = await serve({ ...place(), limits: { maxQueuedBytes: 1024 * 1024, maxHeldBytes: 1024 * 1024 } });
    const deaf = new RawClient(service.address);
    deaf.socket.pause();
    deaf.write("procwire/1\n");
    const fast = await open(service);
    await waitFor(() => service.connections === 2);
    let id = 0;
    const ask = (): string => `{"jsonrpc":"2.0","id":${++id},"method":"big","params":{"bytes":100000}}\n`;
    for (let round = 0; round < 200; round++) {
      deaf.write(ask().repeat(1));
      expect(await fast.request("add", { a: round, b: 1 })).toBe(round + 1);
    }
    // What it has coming is bounded; to ask on and on for more than that ends it.
    const flood = setInterval(() => deaf.write(Array.from({ length: 2_000 }, ask).join("")), 5);
    onTestFinished(() => clearInterval(flood));
    await waitFor(() => service.connections === 1, 30_000);
    clearInterval(flood);
    expect(await fast.request("add", { a: 1, b: 1 })).toBe(2);
    expect(fast.stats().latency.p99).toBeLessThan(1_000);
  });

  test("one that floods with what is no message is answered or ended, and the others are served", async () => {
    const service = await serve({ ...place(), onError: () => undefined });
    const flooding = new RawClient(service.address).write("procwire/1\n");
    flooding.socket.resume();
    const calm = await open(service);
    for (let round = 0; round < 50; round++) {
      flooding.write("nonsense\n".repeat(1_000));
      expect(await calm.request("add", { a: round, b: 0 })).toBe(round);
    }
  });

  test("one that goes away in the middle of a stream and of its inputs ends both, and nothing is left", async () => {
    const expectGone = expectNothingLeft();
    const ends: string[] = [];
    const more = {
      ticks: async function* (_params: unknown, { signal }: RequestContext) {
        try {
          for (let n = 0; ; n++) yield n;
        } finally {
          ends.push(`ticks ${signal.aborted}`);
        }
      },
      sum: async (_params: unknown, { input, signal }: RequestContext) => {
        try {
          for await (const _item of input);
        } catch (error) {
          ends.push(`sum ${signal.aborted}`);
          throw error;
        }
      },
    };
    const service = await listen({ ...methods, ...more }, { ...place(), logHandlerErrors: false });
    const client = await connectChannel(service.address);
    const stream = client.stream("ticks");
    for (let n = 0; n < 3; n++) await stream.next();
    const endless = async function* (): AsyncGenerator<number> {
      for (;;) {
        yield 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const sum = rejectionOf(client.request("sum", {}, { input: endless() }));
    await client.request("$/ping");
    await client.close();
    expect(await sum).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown" });
    await waitFor(() => ends.length === 2);
    expect(ends.sort()).toEqual(["sum true", "ticks true"]);
    await waitFor(() => service.connections === 0);
    await service.close();
    await expectGone();
  });

  test("one that is cut off without a word, and one that ends its stream only, are gone for the service", async () => {
    const service = await serve(place());
    const cut = new RawClient(service.address).write("procwire/1\n");
    const half = new RawClient(service.address).write("procwire/1\n");
    await waitFor(() => service.connections === 2);
    cut.socket.destroy();
    half.socket.end();
    await waitFor(() => service.connections === 0);
  });

  test("a client's channel ends when the service goes, with what was in flight unknown", async () => {
    const service = await listen({ never: () => new Promise(() => undefined) }, { ...place(), graceMs: 10 });
    const client = await open(service);
    const never = rejectionOf(client.request("never"));
    await client.request("$/ping");
    await service.close();
    expect(await never).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown", method: "never" });
    expect(await rejectionOf(client.request("add"))).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    expect(await rejectionOf(connectChannel(service.address))).toMatchObject({ code: "CONNECT_FAILED" });
  });

  test("a service that closes answers what runs, refuses what comes, and waits no longer than its grace", async () => {
    const service = await listen(methods, { ...place(), graceMs: 5_000 });
    const client = await open(service);
    const running = client.request("later", { ms: 200 });
    await client.request("$/ping");
    const closing = service.close();
    expect(service.close()).toBe(closing);
    expect(await rejectionOf(client.request("add", { a: 1, b: 1 }))).toMatchObject({ code: -32000 });
    expect(await running).toBe("late");
    await closing;
    expect(await client.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("bytes and arrays of numbers go both ways by MessagePack", async () => {
    const layers = { codec: new MessagePackCodec(), framing: new LengthPrefixedFraming() };
    const service = await serve({ ...place(), ...layers });
    await using client = await connectChannel(service.address, layers);
    const numbers = new Float64Array(100_000).fill(0.5);
    expect(await client.request("echo", { numbers })).toEqual({ numbers });
  });
});

test("onConnection gets each channel before its first message, to serve it more and to tell it something", async () => {
  const told: unknown[] = [];
  const service = await serve({
    path: join(folder.path, "hello.sock"),
    onConnection: (channel) => {
      channel.onRequest("only here", () => "served");
      void channel.notify("hello", { from: "service" });
    },
  });
  const client = await open(service);
  client.onNotification("hello", (params) => told.push(params));
  expect(await client.request("only here")).toBe("served");
  expect(told).toEqual([{ from: "service" }]);
});

test("a service and a client that are unref'd let the process end", async () => {
  const program = [
    'import { connectChannel, listen } from "@procwire/transport";',
    'const service = await listen({ one: () => 1 }, { name: "unref" });',
    'const client = await connectChannel("unref");',
    "console.log(await client.request('one'));",
    "service.unref();",
    "client.unref();",
    // The other end of the connection is in this process, too.
    "process.on('exit', () => console.log('ended by itself'));",
    "await client.close();",
  ].join("\n");
  const { code, stdout } = await runNode([
    "--conditions=procwire-source",
    "--import",
    "tsx",
    "--input-type=module",
    "--eval",
    program,
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "1\nended by itself\n" });
});
