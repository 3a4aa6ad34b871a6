import type { RequestOptions } from "./request-options.js";

/** One call of `channel.batch()`. */
export interface BatchCall {
  readonly method: string;
  readonly params?: object;
  /** True: a notification. Its place in the results is fulfilled with `undefined`. */
  readonly notify?: boolean;
}

/** What all requests of a batch can be told. */
export type BatchOptions = Omit<RequestOptions, "input">;
