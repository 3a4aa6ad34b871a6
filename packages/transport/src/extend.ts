/**
 * What a package needs that brings another way to carry messages: the parts that `createChannel` and `createStdioChannel`
 * are made of. For packages that are released together with this one: unlike the main entry it may change with any version.
 */

export { Interception } from "./channel/around/interception.js";
export { Relay, type RelayOptions } from "./channel/around/relay.js";
export { createRemote } from "./channel/around/remote.js";
export { checkOptions, REQUEST_OPTIONS, timeoutFor, type CheckedOptions } from "./channel/contract/request-options.js";
export { CHANNEL_OPTIONS } from "./channel/contract/options.js";
export { quiet, watch } from "./channel/contract/outcome.js";
export { runBatch } from "./channel/outgoing/run-batch.js";
export { Lasting } from "./channel/lasting.js";
export { Events } from "./channel/records/events.js";
export { RequestTable } from "./channel/records/request-table.js";
export {
  abortSignal,
  bool,
  count,
  func,
  listOf,
  milliseconds,
  numberFrom,
  oneOf,
  refuse,
  string,
} from "./checks/kinds.js";
export { optionsOf, readOptions, type Check, type OptionTable, type Place } from "./checks/options.js";
export type { Control, Dialect } from "./dialects/contract.js";
export { reasonOf } from "./errors.js";
export { byteLength, piecesOf, toBytes, unitLength } from "./framing/payload.js";
export { MAX_TIMER_MS } from "./limits.js";
export { openChannel, resolveStack, type Stack } from "./node/assemble.js";
export { STDIO_CHANNEL_OPTIONS } from "./node/create-stdio-channel.js";
export { superviseLinks, SUPERVISION_OPTIONS } from "./node/supervision.js";
export { withBreaker, type Breaker } from "./supervise/breaker.js";
export { BREAKER_OPTIONS, resolveBreaker, type BreakerOptions } from "./supervise/breaker-options.js";
export { switchable } from "./supervise/options.js";
