import { writeSync } from "node:fs";
import { RpcError, type BatchCall, type Channel, type RequestContext } from "@procwire/transport";
import type { Book } from "./book.js";

/** How the other side is asked to call the one that asks. */
export interface Ask {
  readonly kind: "request" | "stream" | "batch" | "notify" | "leave" | "cancel" | "input";
  readonly method: string;
}

/** Prints a line to where messages go; where that is depends on the link. */
export type Print = (line: string) => void;

export const printToStdout: Print = (line) => void writeSync(1, `${line}\n`);

/** What both sides serve, the hostile one as well: it must go on answering after hostile code has run. */
export function serveCalm(channel: Channel, book: Book, print: Print): void {
  channel.onRequest("add", ({ a, b }: { readonly a: number; readonly b: number }) => a + b);
  channel.onRequest("echo", (params: unknown) => params);
  channel.onRequest("never", () => new Promise(() => undefined));
  channel.onRequest("fail", () => {
    throw new RpcError(1, "failed", { data: { reason: "calm" } });
  });
  channel.onRequest("count", async function* ({ to }: { readonly to: number }) {
    for (let n = 1; n <= to; n++) yield Promise.resolve(n);
    return to;
  });
  channel.onRequest("sum", async (_params: unknown, { input }: RequestContext) => {
    let sum = 0;
    for await (const item of input) if (typeof item === "number") sum += item;
    return sum;
  });
  channel.onRequest("report", async (_params: unknown, context: RequestContext) => {
    for (let done = 1; done <= 3; done++) await context.progress({ done });
  });
  channel.onRequest("tell", async (_params: unknown, context: RequestContext) => {
    for (let times = 1; times <= 3; times++) await context.notify("event", { times });
  });
  channel.onRequest("print", () => {
    print("a stray line");
  });
  channel.onRequest("ticks", async function* () {
    for (let n = 1; ; n++) yield await new Promise((resolve) => setImmediate(resolve, n));
  });
  channel.onRequest("mirror", async function* (_params: unknown, { input }: RequestContext) {
    yield* input;
  });
  channel.onRequest("large", () => "x".repeat(8_192));
  channel.onRequest("hang-up", () => void channel.close());
  channel.onRequest("complain", () => {
    writeSync(2, "a complaint\n");
  });
  channel.onRequest("ask", (ask: Ask) => answer(channel, book, ask).then(() => null));
  channel.onNotification("heard", () => undefined);
  channel.onNotification("event", () => undefined);
}

/** Calls back, and waits for what becomes of that: until then the one that has asked plays on. */
function answer(channel: Channel, book: Book, { kind, method }: Ask): Promise<unknown> {
  switch (kind) {
    case "request":
      return book.request(channel, method, { a: 1 });
    case "input":
      return book.request(channel, method, { a: 1 }, { input: [1, 2, 3] });
    case "stream":
      return book.stream(channel, method, { to: 3 });
    case "notify":
      return book.notify(channel, method, { a: 1 });
    case "batch": {
      const calls: BatchCall[] = [
        { method, params: { a: 1 } },
        { method: "add", params: { a: 1, b: 2 } },
        { method, notify: true },
      ];
      return book.batch(channel, calls);
    }
    case "leave":
      return book.watch(`stream ${method}, left`, async () => {
        for await (const _ of channel.stream(method, { to: 3 }, { timeout: book.timeout })) break;
      });
    case "cancel":
      return cancel(channel, book, method);
  }
}

function cancel(channel: Channel, book: Book, method: string): Promise<unknown> {
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(new RpcError(2, "cancelled by the calm side"));
  }, 5);
  return book.request(channel, method, { a: 1 }, { signal: controller.signal });
}
