// Services over TLS, with certificates of an authority of the tests.

import { readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { connectChannel, listen, type ListenOptions, type Service, type ServiceTarget } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { expectNoTrouble, expectNothingLeft } from "../support/nothing-left.js";
import { fixture } from "../support/paths.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";
import { RawClient } from "./support/raw.js";

expectNoTrouble();
const pem = (name: string): string => readFileSync(fixture(`certificates/${name}.pem`), "utf8");
const pair = (name: string): { readonly key: string; readonly cert: string } => ({
  key: pem(`${name}.key`),
  cert: pem(name),
});
const ca = pem("authority");
const mutual: ListenOptions = { port: 0, tls: { ...pair("service"), ca } };

async function serve(options: ListenOptions): Promise<Service & { readonly address: { readonly port: number } }> {
  const service = await listen({ add: ({ a, b }: { readonly a: number; readonly b: number }) => a + b }, options);
  onTestFinished(() => service.close());
  return service as Service & { readonly address: { readonly port: number } };
}

async function connectAndAdd(target: ServiceTarget): Promise<unknown> {
  await using channel = await connectChannel(target);
  return await channel.request("add", { a: 20, b: 22 });
}

test("a client with a certificate of the service's authority is served, and needs no token", async () => {
  const { address } = await serve(mutual);
  expect(await connectAndAdd({ ...address, tls: { ca, ...pair("client") } })).toBe(42);
});

test("a service beyond loopback takes client certificates, or a token with TLS", async () => {
  const certified = await serve({ ...mutual, host: "0.0.0.0" });
  const port = certified.address.port;
  expect(await connectAndAdd({ port, tls: { ca, ...pair("client") } })).toBe(42);
  const told = await serve({ port: 0, host: "0.0.0.0", token: "secret", tls: pair("service") });
  expect(await connectAndAdd({ port: told.address.port, token: "secret", tls: { ca } })).toBe(42);
  const error = await rejectionOf(connectChannel({ port: told.address.port, token: "guess", tls: { ca } }));
  expect((error as Error).message).toContain("the token is wrong");
});

test.each<[string, object, string]>([
  ["without a certificate", { ca }, "certificate"],
  ["with one of another authority", { ca, ...pair("impostor") }, "certificate"],
  ["that does not trust the service's authority", { ...pair("client") }, "certificate"],
  ["that looks for another name", { ca, ...pair("client"), servername: "elsewhere" }, "elsewhere"],
])("a client %s hears CONNECT_FAILED from connectChannel itself", async (_, tls, word) => {
  const service = await serve(mutual);
  const error = await rejectionOf(connectChannel({ ...service.address, tls }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED", delivery: "not-sent" });
  expect((error as Error).message).toContain(word);
  expect(service.connections).toBe(0);
});

test("a client that speaks no TLS to a service that does, and the other way round", async () => {
  const secured = await serve(mutual);
  expect(await rejectionOf(connectChannel(secured.address))).toMatchObject({ code: "CONNECT_FAILED" });
  const plain = await serve({ port: 0, token: "secret" });
  const error = await rejectionOf(connectChannel({ ...plain.address, token: "secret", tls: { ca } }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED" });
});

test("a check of the service's name that throws is a failure of connecting, and not the process's", async () => {
  const { address } = await serve(mutual);
  const checkServerIdentity = (): never => {
    throw new Error("hostile");
  };
  const error = await rejectionOf(connectChannel({ ...address, tls: { ca, ...pair("client"), checkServerIdentity } }));
  expect(error).toMatchObject({ code: "CONNECT_FAILED" });
  expect((error as Error).message).toContain("hostile");
});

test(
  "connections that begin TLS and go no further are sent away, and keep nobody out",
  { timeout: 20_000 },
  async () => {
    const expectGone = expectNothingLeft();
    const service = await listen({ add: () => 1 }, { ...mutual, maxConnections: 4 });
    const mute = Array.from({ length: 8 }, () => new RawClient(service.address));
    await waitFor(() => mute.filter(({ hasEnded }) => hasEnded).length === 4);
    await using channel = await connectChannel({ ...(service.address as object), tls: { ca, ...pair("client") } });
    expect(await channel.request("add")).toBe(1);
    for (const client of mute) await client.end();
    // Nor does one that has shaken hands and then says nothing.
    const silent = connectTls({ ...(service.address as { port: number }), ca, ...pair("client") });
    const closed = new Promise((resolve) =>
      silent
        .on("error", () => undefined)
        .once("close", resolve)
        .resume(),
    );
    await closed;
    await channel.close();
    await service.close();
    await expectGone();
  },
);
