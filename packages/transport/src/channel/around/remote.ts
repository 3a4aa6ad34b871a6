import type { AnyRemote, AnyRemoteMethod } from "../contract/remote.js";
import type { RequestOptions } from "../contract/request-options.js";

interface Target {
  request(method: string, params?: object, options?: RequestOptions): Promise<unknown>;
  stream(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<unknown>;
}

/**
 * Any property is a method of the other side, except those by which the language itself asks what an object is: an
 * object with a `then` would be called by `await`, one with a `toJSON` by whoever logs it.
 */
const NOT_METHODS = new Set(["then", "catch", "finally", "toJSON", "constructor", "inspect", "valueOf", "toString"]);

export function createRemote(target: Target): AnyRemote {
  const methods = new Map<string, AnyRemoteMethod>();
  return new Proxy(Object.freeze({}) as AnyRemote, {
    get(empty, name) {
      if (typeof name === "symbol" || NOT_METHODS.has(name)) return Reflect.get(empty, name) as unknown;
      let method = methods.get(name);
      if (method === undefined) methods.set(name, (method = createMethod(target, name)));
      return method;
    },
  });
}

function createMethod(target: Target, name: string): AnyRemoteMethod {
  const call = (params?: object, options?: RequestOptions): Promise<unknown> => target.request(name, params, options);
  const stream = (params?: object, options?: RequestOptions): AsyncIterableIterator<unknown> =>
    target.stream(name, params, options);
  return Object.assign(call, { stream });
}
