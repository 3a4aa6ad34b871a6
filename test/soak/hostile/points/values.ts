// Objects that are sent: their getters, their `toJSON`, and the traps of proxies.

import { RpcError, type RequestContext } from "@procwire/transport";
import type { Act, OpenScene, Point } from "../contract.js";

/** Also of the other places where no promise is asked for. */
export const A_PROMISE_IN_A_VALUE = {
  behaviours: ["rejects"],
  because: "a promise where none is asked for is a value like any other: who made it sees to its rejection",
};

type Make = (act: Act) => object;

const KINDS: readonly { readonly name: string; readonly make: Make }[] = [
  {
    name: "getter",
    make: (act) => ({
      get a() {
        return act(1);
      },
      b: 2,
    }),
  },
  {
    name: "deep-getter",
    make: (act) => ({
      list: [{ first: 1 }, Object.defineProperty({}, "a", { enumerable: true, get: () => act(1) })],
    }),
  },
  { name: "toJSON", make: (act) => ({ a: { toJSON: () => act(1) } }) },
  {
    name: "proxy",
    make: (act) =>
      new Proxy(
        { a: 1, b: 2 },
        {
          ownKeys: (target) => act(Reflect.ownKeys(target)),
          get: (target, key) => act<unknown>(Reflect.get(target, key)),
        },
      ),
  },
];

interface Position {
  readonly name: string;
  readonly covers: readonly string[];
  readonly play: (scene: OpenScene, value: object) => unknown;
}

/** The other side asks for it, and the handler does something with the value. */
function handled(scene: OpenScene, kind: "request" | "stream", handler: (context: RequestContext) => unknown): void {
  const { channel, book, disposers } = scene;
  disposers.push(channel.onRequest("hostile", (_params: unknown, context: RequestContext) => handler(context)));
  void book.request(channel, "ask", { kind, method: "hostile" });
}

const POSITIONS: readonly Position[] = [
  {
    name: "params of a request",
    covers: ["Channel.request.params"],
    play: ({ channel, book }, value) => book.request(channel, "echo", value),
  },
  {
    name: "params of a notification",
    covers: ["Channel.notify.params"],
    play: ({ channel, book }, value) => book.notify(channel, "heard", value),
  },
  {
    name: "params of a stream",
    covers: ["Channel.stream.params"],
    play: ({ channel, book }, value) => book.stream(channel, "count", Object.assign(value, { to: 3 })),
  },
  {
    name: "params in a batch",
    covers: ["BatchCall.params"],
    play: ({ channel, book }, value) =>
      book.batch(channel, [
        { method: "add", params: { a: 1, b: 2 } },
        { method: "echo", params: value },
        { method: "heard", params: value, notify: true },
      ]),
  },
  {
    name: "item of an input",
    covers: [],
    play: ({ channel, book }, value) => book.request(channel, "sum", {}, { input: [1, value, 2] }),
  },
  { name: "result", covers: [], play: (scene, value) => handled(scene, "request", () => value) },
  { name: "result, later", covers: [], play: (scene, value) => handled(scene, "request", async () => value) },
  {
    name: "item of a stream",
    covers: [],
    play: (scene, value) =>
      handled(scene, "stream", async function* () {
        yield 1;
        yield value;
        yield 2;
      }),
  },
  {
    name: "result of a stream",
    covers: [],
    play: (scene, value) =>
      // eslint-disable-next-line require-yield -- the result is what matters
      handled(scene, "stream", async function* () {
        return value;
      }),
  },
  {
    name: "data of an error",
    covers: ["RpcErrorDetails.data", "RpcErrorDetails.method", "RpcErrorDetails.cause"],
    play: (scene, value) =>
      handled(scene, "request", () => {
        throw new RpcError(1, "with data", { data: value });
      }),
  },
  {
    name: "data of an error, later",
    covers: [],
    play: (scene, value) =>
      handled(scene, "request", () => Promise.reject(new RpcError(1, "with data", { data: value }))),
  },
  {
    name: "params of context.notify",
    covers: ["RequestContext.notify.params"],
    play: (scene, value) => handled(scene, "request", (context) => context.notify("heard", value)),
  },
  {
    name: "value of context.progress",
    covers: ["RequestContext.progress.value"],
    play: (scene, value) => handled(scene, "request", (context) => context.progress(value)),
  },
];

export const values: readonly Point[] = POSITIONS.flatMap(({ name, covers, play }) =>
  KINDS.map((kind) => ({
    name: `${name}/${kind.name}`,
    covers,
    except: A_PROMISE_IN_A_VALUE,
    play: (scene) => play(scene, kind.make(scene.act)),
  })),
);

/** Errors whose own members are hostile. */
export const errors: readonly Point[] = (["message", "code", "data"] as const).map((member) => ({
  name: `thrown error/${member}`,
  covers: [],
  except: A_PROMISE_IN_A_VALUE,
  play: (scene) =>
    handled(scene, "request", () => {
      const error = member === "code" || member === "data" ? new RpcError(1, "hostile") : new Error("hostile");
      throw Object.defineProperty(error, member, { get: () => scene.act(member === "code" ? 1 : "text") });
    }),
}));
