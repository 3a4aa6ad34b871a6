/** The public names, one by one. Nothing inside imports this file. */

export { MessagePackCodec, type MessagePackCodecOptions } from "./codec.js";
export { MessagePackError, type MessagePackErrorCode } from "./errors.js";
