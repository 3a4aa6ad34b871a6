import { expect, onTestFinished, test } from "vitest";
import { openEvents, type EventLog, type SubscribeOptions } from "../src/index.js";
import { newService } from "./support/members.js";
import { describeWithServer } from "./support/server.js";

describeWithServer("events that are kept", (server) => {
  async function open(service: string): Promise<EventLog> {
    const events = await openEvents({ service, servers: server().url });
    onTestFinished(() => events.close());
    return events;
  }

  async function take(events: EventLog, options: SubscribeOptions, count: number): Promise<string[]> {
    const seen: string[] = [];
    for await (const { sequence, method, params } of events.subscribe(options)) {
      seen.push(`${sequence} ${method} ${JSON.stringify(params)}`);
      if (seen.length === count) break;
    }
    return seen;
  }

  test("are read from the first, from a sequence, and from a time, of one method or of all", async () => {
    const service = newService();
    const events = await open(service);
    expect(await events.publish("order.placed", { n: 1 })).toBe(1);
    await events.publish("order.paid", { n: 1 });
    // A Date has whole milliseconds: one between the events, and not that of the second one cut off.
    const half = new Date(Date.now() + 1);
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(half.getTime());
    await events.publish("order.placed", { n: 2 });
    const other = await open(service);
    expect(await take(other, { from: "first" }, 3)).toEqual([
      '1 order.placed {"n":1}',
      '2 order.paid {"n":1}',
      '3 order.placed {"n":2}',
    ]);
    expect(await take(other, { from: { sequence: 2 } }, 2)).toEqual(['2 order.paid {"n":1}', '3 order.placed {"n":2}']);
    expect(await take(other, { from: { time: half } }, 1)).toEqual(['3 order.placed {"n":2}']);
    expect(await take(other, { from: "first", method: "order.placed" }, 2)).toEqual([
      '1 order.placed {"n":1}',
      '3 order.placed {"n":2}',
    ]);
  });

  test("one that is published twice by the same id is kept once", async () => {
    const events = await open(newService());
    expect(await events.publish("a", {}, { id: "x" })).toBe(1);
    expect(await events.publish("a", {}, { id: "x" })).toBe(1);
    expect(await events.publish("a", {}, { id: "y" })).toBe(2);
  });

  test("a subscription ends when the log is closed", async () => {
    const events = await open(newService());
    const reading = (async () => {
      for await (const event of events.subscribe({ from: "first" })) if (event.method === "last") void events.close();
    })();
    await events.publish("last");
    await reading;
  });
});
