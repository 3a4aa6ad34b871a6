/** The public names, one by one. Nothing inside imports this file. */

export { MessagePackCodec } from "./codec.js";
export type { MessagePackCodecOptions } from "./options.js";
export { MessagePackError, type MessagePackErrorCode } from "./errors.js";
