import type { AnyIterable } from "./items.js";

/** What one request can be told. */
export interface RequestOptions {
  /** Milliseconds; overrides the channel's. 0 and Infinity mean: no limit. */
  readonly timeout?: number;
  /** Cancels the request: its promise rejects with the signal's reason, and the other side is told. */
  readonly signal?: AbortSignal;
  /** Gets each progress value that the handler reports. */
  readonly onProgress?: (value: any) => void; // eslint-disable-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  /** Items that go with the request; the handler reads them from `context.input`, and its pace holds them back. */
  readonly input?: AnyIterable;
  /**
   * True: it does no harm when the method runs twice. Where the channel has `restart`, the request is sent again to the
   * next worker when one has died over it, within its timeout; after a second death it is refused with `QUARANTINED`.
   * A request with `input` is not, and no stream.
   */
  readonly idempotent?: boolean;
}
