// What users hand to services and clients may fail as it likes: the others go on.

import { join } from "node:path";
import { connectChannel, listen, LineDelimitedFraming, type ListenOptions } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { expectNoTrouble } from "../support/nothing-left.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";
import { useOwnRegistry } from "./support/registry.js";

expectNoTrouble();
const folder = useOwnRegistry();
const path = join(folder.path, "hostile.sock");

test.each<[string, NonNullable<ListenOptions["onConnection"]>]>([
  [
    "throws",
    () => {
      throw new Error("hostile");
    },
  ],
  ["rejects", async () => Promise.reject(new Error("hostile"))],
  [
    "gives a thenable that throws",
    () => ({
      // eslint-disable-next-line unicorn/no-thenable -- users do
      then: () => {
        throw new Error("hostile");
      },
    }),
  ],
])("onConnection that %s is told to onError, and the connection is served", async (_, onConnection) => {
  const errors: unknown[] = [];
  const service = await listen({ one: () => 1 }, { path, onConnection, onError: (error) => errors.push(error) });
  onTestFinished(() => service.close());
  await using client = await connectChannel({ path });
  expect(await client.request("one")).toBe(1);
  await waitFor(() => errors.length === 1);
  expect(errors).toMatchObject([{ message: "hostile" }]);
});

test("onConnection that closes the channel, and one that closes the service", async () => {
  const closing = await listen({}, { path, onConnection: (channel) => void channel.close() });
  const refused = await connectChannel({ path });
  expect(await refused.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  await closing.close();
  const ending: { close: () => unknown } = { close: () => undefined };
  const service = await listen({}, { path, onConnection: () => void ending.close() });
  ending.close = () => service.close();
  const client = await connectChannel({ path });
  expect(await client.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  await service.close();
});

test("a framing that throws when a connection opens costs that connection, on either side", async () => {
  class Broken extends LineDelimitedFraming {
    override decoder(): never {
      throw new Error("no decoder");
    }
  }
  const errors: unknown[] = [];
  const service = await listen({}, { path, framing: new Broken(), onError: (error) => errors.push(error) });
  const client = await connectChannel({ path });
  expect(await client.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  expect(errors).toMatchObject([{ message: "no decoder" }]);
  expect(await rejectionOf(connectChannel({ path }, { framing: new Broken() }))).toMatchObject({
    message: "no decoder",
  });
  await service.close();
});

test("a handler that fails on each of a thousand requests is printed a bounded number of times", async () => {
  const printed: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = ((text: string) => printed.push(text) > 0) as typeof process.stderr.write;
  onTestFinished(() => void (process.stderr.write = write));
  const fail = (): never => {
    throw new Error("a mistake".repeat(10));
  };
  const service = await listen({ fail }, { path });
  const client = await connectChannel({ path });
  await Promise.allSettled(Array.from({ length: 1_000 }, () => client.request("fail")));
  await client.close();
  await service.close();
  process.stderr.write = write;
  expect(printed.join("").length).toBeLessThan(64 * 1024);
});
