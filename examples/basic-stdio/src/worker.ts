/** A worker in Node: a function per method. Stdout belongs to the protocol; prints go to stderr. */
import { RpcError, serveStdio, type Channel } from "@procwire/transport";

const channel: Channel = serveStdio({
  add: ({ a, b }: { a: number; b: number }) => a + b,
  greet: ({ name }: { name: string }) => `Hello, ${name}!`,
  divide: ({ a, b }: { a: number; b: number }) => {
    if (b === 0) throw new RpcError(-32602, "b must not be 0", { data: { parameter: "b" } });
    return a / b;
  },
  // A handler may take its time, say how far it is, and stop when nobody waits any more.
  countdown: async ({ from }: { from: number }, context) => {
    for (let left = from; left > 0 && !context.signal.aborted; left--) {
      await context.progress({ left });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return "lift-off";
  },
  // Requests go both ways: the worker asks its parent.
  whoAmI: async () => `You are ${await channel.request<string>("parentName")}.`,
});

void channel.notify("log", { message: "Worker started" });
console.log("This line goes to stderr, not into the protocol.");
