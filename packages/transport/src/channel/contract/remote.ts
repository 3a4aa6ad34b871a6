import type { RequestOptions } from "./request-options.js";

/** One method of the other side: call it for a result, `.stream(...)` for items. */
export interface AnyRemoteMethod {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- without an Api nothing is known of the result
  (params?: object, options?: RequestOptions): Promise<any>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  stream(params?: object, options?: RequestOptions): AsyncIterableIterator<any>;
}

export type AnyRemote = Readonly<Record<string, AnyRemoteMethod>>;
