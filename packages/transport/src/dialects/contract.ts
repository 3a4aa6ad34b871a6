/**
 * Dialect: the names and manners of one JSON-RPC family. Data and a few pure functions; nothing outside of this folder
 * spells a reserved name.
 */

/** What a notification of the dialect's own says about a request. */
export type Control =
  "cancel" | "progress" | "stream-pull" | "stream-items" | "input-open" | "input-pull" | "input-items" | "input-end";

export interface Dialect {
  /** A short name for messages and logs, such as `"json-rpc"`. */
  readonly name: string;
  /** The method that says it; a family that lacks one has no entry. */
  readonly controls: Readonly<Partial<Record<Control, string>>>;
  /** A request that is answered with null by whoever reads, handlers or not; `undefined` where there is none. */
  readonly ping: string | undefined;
  /** A request that is answered with the list of methods; `undefined` where there is none. */
  readonly discover: string | undefined;
  /** The notification that asks a worker to end; `undefined` where there is none. */
  readonly farewell: string | undefined;
  /** True for the methods of notifications that belong to the dialect, also where this library knows none by that name. */
  readonly isReserved: (method: string) => boolean;
}
