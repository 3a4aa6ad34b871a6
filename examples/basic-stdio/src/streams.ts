/** A worker that streams: items out by an async generator, items in from `context.input`. */
import { serveStdio } from "@procwire/transport";

serveStdio({
  count: async function* ({ to }: { to: number }) {
    for (let n = 1; n <= to; n++) yield n;
  },
  total: async (_params, context) => {
    let sum = 0;
    for await (const n of context.input as AsyncIterable<number>) sum += n;
    return sum;
  },
});
