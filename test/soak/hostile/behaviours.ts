import type { Behaviour, Scene } from "./contract.js";

/** What hostile code throws, so that it is known again. */
export class HostileError extends Error {
  override readonly name: string = "HostileError";
}

/** Fails at whatever is done with it. */
export function hostileProxy(): object {
  const trap = (): never => {
    throw new HostileError("a trap of a proxy");
  };
  return new Proxy(
    {},
    {
      get: trap,
      has: trap,
      ownKeys: trap,
      getPrototypeOf: trap,
      getOwnPropertyDescriptor: trap,
      set: trap,
      defineProperty: trap,
    },
  );
}

function thrower(name: string, thrown: () => unknown): Behaviour {
  return {
    name,
    kind: "throws",
    run: () => {
      throw thrown();
    },
  };
}

function returner(name: string, returned: (scene: Scene, normal: unknown) => unknown): Behaviour {
  return { name, kind: "returns", run: returned };
}

/** Does something to the channel, and then what was asked for. */
function doer(name: string, act: (scene: Scene) => unknown): Behaviour {
  return {
    name,
    kind: "does",
    run: (scene, normal) => {
      act(scene);
      return normal;
    },
  };
}

const never = (): Promise<never> => new Promise(() => undefined);

/** Calls both functions that it is given, and throws. */
function rudeThenable(normal: unknown): object {
  return {
    then(resolve: (value: unknown) => void, reject: (reason: unknown) => void): never {
      resolve(normal);
      reject(new HostileError("rejected after it was resolved"));
      throw new HostileError("thrown after it was resolved");
    },
  };
}

function withThenGetter(): object {
  return Object.defineProperty({}, "then", {
    get: () => {
      throw new HostileError("the getter of `then`");
    },
  });
}

/** Says everything that can be said, at once. */
function reenter({ channel, book }: Scene): void {
  if (channel === undefined) return;
  void book.request(channel, "add", { a: 1, b: 2 });
  void book.notify(channel, "heard", { value: 1 });
  void book.stream(channel, "count", { to: 2 });
  void book.batch(channel, [
    { method: "add", params: { a: 3, b: 4 } },
    { method: "heard", notify: true },
  ]);
}

function changeHandlers({ channel, disposers }: Scene): void {
  for (const dispose of disposers.splice(0)) dispose();
  if (channel === undefined) return;
  disposers.push(channel.onNotification("event", () => undefined));
  disposers.push(channel.onNotification(() => undefined));
  channel.onRequest("hostile-too", () => 1)();
}

export const behaviours: readonly Behaviour[] = [
  thrower("throws", () => new HostileError("thrown")),
  thrower("throws-undefined", () => undefined),
  thrower("throws-proxy", hostileProxy),
  returner("rejects", () => Promise.reject(new HostileError("rejected"))),
  returner("never", never),
  returner("thenable", (_scene, normal) => rudeThenable(normal)),
  returner("then-getter", withThenGetter),
  returner("proxy", hostileProxy),
  {
    name: "waits-for-close",
    kind: "returns",
    closes: true,
    run: async ({ channel }, normal) => {
      await channel?.close();
      return normal;
    },
  },
  { ...doer("closes", ({ channel }) => void channel?.close()), closes: true },
  {
    name: "closes-and-throws",
    kind: "throws",
    closes: true,
    run: ({ channel }) => {
      void channel?.close();
      throw new HostileError("thrown after close()");
    },
  },
  doer("aborts", ({ abort }) => abort.abort(new HostileError("aborted"))),
  doer("aborts-with-proxy", ({ abort }) => abort.abort(hostileProxy())),
  doer("handlers", changeHandlers),
  doer("re-enters", reenter),
  {
    ...doer("re-enters-and-closes", (scene) => {
      reenter(scene);
      void scene.channel?.close();
      reenter(scene);
    }),
    closes: true,
  },
];
