import { bool, string } from "../../checks/kinds.js";
import type { OptionTable } from "../../checks/options.js";
import type { RequestOptions } from "./request-options.js";

/** One call of `channel.batch()`. */
export interface BatchCall {
  readonly method: string;
  readonly params?: object | undefined;
  /** True: a notification. Its place in the results is fulfilled with `undefined`. */
  readonly notify?: boolean | undefined;
}

/** What all requests of a batch can be told. */
export type BatchOptions = Omit<RequestOptions, "input">;

export const BATCH_CALL: OptionTable<BatchCall> = {
  method: string,
  // What can be sent is for the codec to say.
  params: (value) => value as object,
  notify: bool,
};
